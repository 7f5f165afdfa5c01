"""The base of every rule: a ladder of hooks and a builder of findings that checks them.

Knows views and findings. Does not know how rules are found, selected or run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from auditor.findings import Confidence, Finding, Fix, Saving, Severity
from auditor.places import Place, Step
from auditor.rulekit.meta import Example, FixAvailability, RuleMeta
from auditor.rulekit.project_views import ProjectView, SiteView
from auditor.rulekit.views import ReplayView
from auditor.values.lifetime import Evidence


class Rule:
    """Override the hook of the level that the defect lives on; the default of each higher one walks down to the lower.

    `check_replay` sees one variant, `check_site` all variants of a call, `check_project` all call sites. Rules keep no state.
    """

    meta: ClassVar[RuleMeta]
    bad: ClassVar[tuple[Example, ...]] = ()
    good: ClassVar[tuple[Example, ...]] = ()

    def check_project(self, project: ProjectView) -> Iterable[Finding]:
        for site in project.sites:
            yield from self.check_site(site)

    def check_site(self, site: SiteView) -> Iterable[Finding]:
        for view in site.views:
            if not view.request.opaque:
                yield from self.check_replay(view)

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        raise NotImplementedError(f"{type(self).__name__} overrides none of the hooks")

    def report(
        self,
        view: ReplayView | SiteView,
        *,
        message: str,
        recommendation: str,
        subject: str,
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        place: Place | None = None,
        trace: tuple[Step, ...] = (),
        saving: Saving | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """A finding of this rule at `place` (the call, where it is None or not known).

        `subject` says what is wrong without line numbers: with code, file and function it is the finding's identity over time.
        Raises ValueError on an empty or unfinished message, or on a fix that the metadata do not announce.
        """
        for name, text in (("message", message), ("recommendation", recommendation)):
            if not text or not text.rstrip().endswith("."):
                raise ValueError(f"{self.meta.code}: the {name} is not a sentence: {text!r}")
        if not subject:
            raise ValueError(f"{self.meta.code}: a finding needs a subject")
        if fix is not None and self.meta.fix is FixAvailability.NONE:
            raise ValueError(f"{self.meta.code}: has a fix that its metadata do not announce")
        call = view.site
        grade = self.meta.severity if severity is None else severity
        return Finding(
            code=self.meta.code,
            name=self.meta.name,
            category=self.meta.category.value,
            severity=min(grade, Severity.LOW) if view.instead else grade,  # what sends where others fail seldom does
            confidence=confidence,
            message=message,
            recommendation=recommendation,
            effort=self.meta.effort,
            place=call.place if place is None or not place.path or place.line < 1 else place,
            call_sites=(call.id,),
            trace=trace,
            saving=saving,
            fix=fix,
            subject=subject,
        )


def confidence_of(evidence: Evidence) -> Confidence:
    """A finding is no surer than the evidence that it stands on."""
    match evidence:
        case Evidence.FLOW | Evidence.CALLERS:
            return Confidence.HIGH
        case Evidence.USAGE:
            return Confidence.MEDIUM
        case Evidence.NAME | Evidence.NONE:
            return Confidence.LOW
