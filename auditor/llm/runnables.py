"""LangChain's runnables: what `invoke` does with an input, step by step, until a model is asked.

Prompts, chains, parallel steps, functions and parsers are followed; what is not known (a retriever, somebody's own runnable)
gives a hole that lives as long as what goes in. Every model that is asked on the way is heard at the place of the outermost call.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import nullcontext
from dataclasses import replace

from auditor.interp import concurrency, known, mappings, stretches, subscripts
from auditor.interp.library import histories
from auditor.llm import agents, prompts, remembered
from auditor.llm.configured import ActionCode, Call, kind_of, made_of, merged
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    Choice,
    DictRef,
    Entry,
    ExternalObject,
    FunctionValue,
    Hole,
    Item,
    ListRef,
    Partial,
    Spread,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason

NOT_SENT = frozenset({"input", "inputs", "config", "version", "callbacks", "return_exceptions"})


# Actions


def invoke(call: Call) -> Value | None:
    return run(call, replace(call.target, path=()), given(call))


def batch(call: Call) -> Value | None:
    """One request for each input, side by side unless the configuration allows one at a time."""
    machine, inputs = call.machine, call.own.keyword("inputs")
    step = replace(call.target, path=())
    if inputs is None:
        return None
    items = machine.iterate(inputs, call.node, call.frame).items[: machine.limits.requests]

    def produce(value: Value) -> list[Item]:
        return [run(call, step, value)]

    with nullcontext() if _one_by_one(call) else concurrency.started(machine, call.node, call.frame):
        return machine.new_list(stretches.expanded(machine, items, produce, call.node, call.frame))


def _one_by_one(call: Call) -> bool:
    config = call.own.keyword("config")
    if not isinstance(config, DictRef):
        return False
    most, _ = known.lookup(call.machine.entries(config).entries, Text.of("max_concurrency"))
    return most is not None and known.int_of(most) == 1


def given(call: Call) -> Value | None:
    """The call's input: its first argument, or the mapping that its keywords make (`chain.run(topic=...)`)."""
    own = call.own
    value = own.keyword("input")
    if value is not None:
        return value
    return _by_name(call, NOT_SENT)


def _by_name(call: Call, others: Container[str] = ()) -> Value | None:
    """The mapping that a call's keywords make; None where there are none but the others."""
    named = [Entry(Text.of(name), one) for name, one in call.own.keywords if name not in others]
    return call.machine.new_dict(named) if named else None


def format_prompt(call: Call) -> Value | None:
    """`prompt.format(...)`, `.format_messages(...)`: the result itself."""
    kind = call.maker.kind if call.maker is not None else ""
    name = call.target.path[-1]
    value = _by_name(call)  # of a template's variables, one may be called `input`
    template = replace(call.target, path=(), arguments=call.held)
    if kind == "lc-text-prompt":
        return prompts.text(call, template, value)
    if kind == "lc-message-template":
        one = prompts.of_template(prompts.Variables(call, value, None, single=False), template)
        return one if name in {"format", "aformat"} else call.machine.new_list([one])
    made = call.machine.new_list(prompts.messages(call, template, value))
    if name in {"format_messages", "aformat_messages"}:
        return made
    holes = [hole for item in call.machine.items(made).items for hole in holes_of(item)]
    return call.machine.derived(holes, call.node, call.frame, reason=Reason.UNMODELLED_CALL)


def prompt_value(call: Call) -> Value | None:
    """`prompt.invoke(...)`: an object that holds the messages."""
    return _prompted(call, replace(call.target, path=(), arguments=call.held), given(call))


def content(call: Call) -> Value | None:
    return call.held.keyword("messages")


def partial(call: Call) -> Value | None:
    """The same prompt with some variables known."""
    bound = call.machine.new_dict()
    before = call.held.keyword("partial_variables")
    if isinstance(before, DictRef):
        mappings.update(call.machine, bound, call.machine.entries(before).entries)
    for name, value in call.arguments.keywords:
        mappings.set_entry(call.machine, bound, Text.of(name), value)
    return call.make(merged(call.held, Arguments((), (("partial_variables", bound),))))


def piped(call: Call) -> Value | None:
    """`a.pipe(b, c)`."""
    steps = [one for item in call.arguments.positional if (one := known.plain(item)) is not None]
    return sequence(call.target.cls, call, [replace(call.target, path=(), arguments=call.held), *steps])


def then_assign(call: Call) -> Value | None:
    """`a.assign(x=...)`: runs `a`, and adds to what it gives."""
    assign = ExternalObject(
        "langchain_core.runnables.RunnablePassthrough.assign", (), call.arguments, call.machine.serial(), call.target.place
    )
    return sequence(call.target.cls, call, [replace(call.target, path=(), arguments=call.held), assign])


def step(call: Call) -> Value | None:
    return run(call, replace(call.target, path=(), arguments=call.held), given(call))


def sequence(cls: str, call: Call, steps: list[Value]) -> ExternalObject:
    flat: list[Item] = []
    for one in steps:
        found = kind_of(call.ear.sdk.objects, one.cls) if isinstance(one, ExternalObject) and not one.path else None
        if found is not None and found[0] == "lc-sequence" and isinstance(one, ExternalObject) and one.arguments is not None:
            flat.extend(one.arguments.positional)
        else:
            flat.append(one)
    place = call.machine.place(call.node, call.frame)
    return ExternalObject(made_of("lc-sequence", cls), (), Arguments(tuple(flat)), call.machine.serial(), place)


# Steps


def run(call: Call, runner: Value, value: Value | None) -> Value:
    """The result of invoking one step with a value."""
    machine = call.machine
    machine.step()
    runner = decide(runner, machine.assumptions)
    match runner:
        case Choice():
            return machine.each(runner, lambda side: run(call, side, value), call.node, call.frame)
        case DictRef():
            return _parallel(call, runner, value)
        case FunctionValue() | BoundMethod() | Partial():
            return machine.call(runner, Arguments((value,) if value is not None else ()), call.node, call.frame)
        case ExternalObject(path=()):
            found = kind_of(call.ear.sdk.objects, runner.cls)
            code = STEPS.get(found[0]) if found is not None else None
            if code is not None:
                return code(call, runner, value)
        case _:
            pass
    return unknown_step(call, runner, value)


def unknown_step(call: Call, runner: Value, value: Value | None) -> Value:
    """A step that is not known: a model, if a prompt goes in; a retriever by its name; else something of what goes in."""
    machine = call.machine
    if isinstance(runner, Hole) and runner.reason is not None and _is_prompt(value):
        return ask(call, agents.model_of(call, runner), value)
    expression = runner.expression if isinstance(runner, Hole) else runner.cls if isinstance(runner, ExternalObject) else "a step"
    if "retriever" in expression.lower():
        return retrieved(call, expression, Evidence.NAME)
    holes = [*holes_of(runner), *(holes_of(value) if value is not None else ())]
    return machine.derived(holes, call.node, call.frame, expression=expression, reason=Reason.UNMODELLED_CALL)


def retrieved(call: Call, expression: str, evidence: Evidence = Evidence.FLOW) -> Hole:
    """Documents that are found for this request."""
    return call.machine.hole(
        call.node, call.frame, Lifetime.CALL, Cause.RETRIEVAL, expression=expression, evidence=evidence, type="documents"
    )


def ask(call: Call, model: ExternalObject, value: Value | None, more: Arguments | None = None) -> Value:
    """The model is asked: a request is heard."""
    found = kind_of(call.ear.sdk.objects, model.cls)
    maker = found[1] if found is not None else None
    asked = replace(call, target=model, maker=maker)
    own = call.own
    extra = Arguments((), tuple((name, one) for name, one in own.keywords if name not in NOT_SENT), own.unknown_keywords)
    messages = Arguments((), (("input", _content(value)),)) if value is not None else Arguments()
    return asked.send(merged(merged(asked.held, extra), merged(more or Arguments(), messages)))


def _is_prompt(value: Value | None) -> bool:
    return isinstance(value, ExternalObject) and value.cls.startswith("lc-prompt-value:")


def _content(value: Value) -> Value:
    """What a prompt value holds; everything else is itself."""
    if isinstance(value, ExternalObject) and _is_prompt(value) and value.arguments is not None:
        return value.arguments.keyword("messages") or value
    return value


def _model(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    return ask(call, runner, value)


def _prompted(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    machine = call.machine
    found = kind_of(call.ear.sdk.objects, runner.cls)
    made: Value
    if found is not None and found[0] == "lc-text-prompt":
        made = prompts.text(call, runner, value)
    else:
        made = machine.new_list(prompts.messages(call, runner, value))
    cls = made_of("lc-prompt-value", runner.cls)
    return ExternalObject(cls, (), Arguments((), (("messages", made),)), machine.serial(), machine.place(call.node, call.frame))


def _sequence(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    steps = (known.plain(item) for item in (runner.arguments.positional if runner.arguments is not None else ()))
    for one in steps:
        value = run(call, one, value) if one is not None else None
    return value if value is not None else unknown_step(call, runner, None)


def _parallel(call: Call, steps: DictRef, value: Value | None) -> Value:
    """All steps with the same input, their results by name."""
    entries = [
        Entry(entry.key, run(call, entry.value, value)) if isinstance(entry, Entry) else entry
        for entry in call.machine.entries(steps).entries
    ]
    return call.machine.new_dict(entries)


def _parallel_object(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    given = runner.arguments.keyword("steps__") if runner.arguments is not None else None
    return _parallel(call, given if isinstance(given, DictRef) else _named_steps(call, runner), value)


def _named_steps(call: Call, runner: ExternalObject) -> DictRef:
    keywords = runner.arguments.keywords if runner.arguments is not None else ()
    return call.machine.new_dict(Entry(Text.of(name), one) for name, one in keywords if name != "steps__")


def _assign(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    """The input, with the results of some steps added."""
    machine = call.machine
    out = machine.new_dict(machine.entries(value).entries if isinstance(value, DictRef) else ())
    if isinstance(value, Hole):
        from auditor.interp import expressions

        mappings.update(machine, out, expressions.spread_entries(machine, value, call.node, call.frame))
    added = _parallel(call, _named_steps(call, runner), value)
    assert isinstance(added, DictRef)
    mappings.update(machine, out, machine.entries(added).entries)
    return out


def _passthrough(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    return value if value is not None else unknown_step(call, runner, None)


def _function(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    func = runner.arguments.keyword("func") if runner.arguments is not None else None
    return run(call, func, value) if func is not None else unknown_step(call, runner, value)


def _item(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    key = runner.arguments.keyword("item") if runner.arguments is not None else None
    if key is None or value is None:
        return unknown_step(call, runner, value)
    return subscripts.get(call.machine, value, key, call.node, call.frame)


def _parsed(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    return value if value is not None else unknown_step(call, runner, None)


# Chains with a name


def _llm_chain(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    """A prompt and a model: `LLMChain`, `create_stuff_documents_chain`, and those whose prompt is the library's."""
    held = runner.arguments or Arguments()
    prompt = held.keyword("prompt")
    options = held.keyword("chain_type_kwargs")
    if prompt is None and isinstance(options, DictRef):
        prompt, _ = known.lookup(call.machine.entries(options).entries, Text.of("prompt"))
    inputs = _with_context(call, held, value)
    model = held.keyword("llm")
    asked = run(call, prompt, inputs) if prompt is not None else _own_prompt(call, runner, inputs)
    return run(call, model, asked) if model is not None else unknown_step(call, runner, value)


def _own_prompt(call: Call, runner: ExternalObject, value: Value | None) -> Text:
    name = runner.cls.rsplit(".", 1)[-1]
    own = Hole(("prompt", runner.cls), f"the prompt of {name}", Lifetime.DEPLOY, place=runner.place)
    holes = holes_of(value) if value is not None else []
    return Text((own, call.machine.derived(holes, call.node, call.frame, expression="the chain's input")))


def _with_context(call: Call, held: Arguments, value: Value | None) -> Value | None:
    """The input with what the chain adds: found documents, the memory's history."""
    added: list[Entry] = []
    if held.keyword("retriever") is not None:
        added.append(Entry(Text.of("context"), retrieved(call, "retrieved documents")))
    memory = held.keyword("memory")
    if isinstance(memory, ExternalObject) and memory.arguments is not None:
        key = memory.arguments.keyword("memory_key") or Text.of("history")
        added.append(Entry(key, remembered.history(call)))
    if not added:
        return value
    out = call.machine.new_dict(call.machine.entries(value).entries if isinstance(value, DictRef) else ())
    if isinstance(value, DictRef):
        query, _ = known.lookup(call.machine.entries(value).entries, Text.of("query"))
        if query is not None:
            added.append(Entry(Text.of("question"), query))
    elif value is not None:
        added.extend(Entry(Text.of(name), value) for name in ("input", "question"))
    mappings.update(call.machine, out, added)
    return out


def _trimmed(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    if value is None:
        return unknown_step(call, runner, value)
    return histories.newest(call.machine, _content(value), runner.arguments or Arguments(), call.node, call.frame)


def _retrieval_chain(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    """Finds documents (perhaps asking a model for a query first), then answers."""
    held = runner.arguments or Arguments()
    retriever, answer = held.keyword("retriever"), held.keyword("combine_docs_chain")
    if isinstance(retriever, ExternalObject) and kind_of(call.ear.sdk.objects, retriever.cls) is not None:
        run(call, retriever, value)
    machine = call.machine
    out = machine.new_dict(machine.entries(value).entries if isinstance(value, DictRef) else ())
    if isinstance(value, Hole):
        mappings.set_entry(machine, out, Text.of("input"), value)
    mappings.set_entry(machine, out, Text.of("context"), retrieved(call, "retrieved documents"))
    return run(call, answer, out) if answer is not None else unknown_step(call, runner, value)


def _history_chain(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    held = runner.arguments or Arguments()
    inner, key = held.keyword("runnable"), held.keyword("history_messages_key")
    machine = call.machine
    if inner is None:
        return unknown_step(call, runner, value)
    if key is None:  # the runnable takes messages: the history stands in front of them
        own = (
            machine.iterate(value, call.node, call.frame).items if isinstance(value, ListRef | TupleValue) else (value or Text(),)
        )
        return run(call, inner, machine.new_list((Spread(remembered.history(call)), *own)))
    out = machine.new_dict(machine.entries(value).entries if isinstance(value, DictRef) else ())
    if isinstance(value, Hole):
        from auditor.interp import expressions

        mappings.update(machine, out, expressions.spread_entries(machine, value, call.node, call.frame))
    mappings.set_entry(machine, out, key, remembered.history(call))
    return run(call, inner, out)


def _agent(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    return agents.invoke(call, runner, value, ask, remembered.history)


def _retrieves(call: Call, runner: ExternalObject, value: Value | None) -> Value:
    return retrieved(call, "retrieved documents")


Step = Callable[[Call, ExternalObject, "Value | None"], Value]

STEPS: dict[str, Step] = {
    "lc-model": _model,
    "lc-prompt": _prompted,
    "lc-text-prompt": _prompted,
    "lc-sequence": _sequence,
    "lc-passthrough": _passthrough,
    "lc-trimmer": _trimmed,
    "lc-assign": _assign,
    "lc-parallel": _parallel_object,
    "lc-function": _function,
    "lc-item": _item,
    "lc-parser": _parsed,
    "lc-retriever": _retrieves,
    "lc-llm-chain": _llm_chain,
    "lc-retrieval-chain": _retrieval_chain,
    "lc-history-chain": _history_chain,
    "lc-agent": _agent,
    "lc-agent-plan": _agent,
    "lc-agent-executor": _agent,
}
"""What each kind of object does with its input."""


def cache_point(call: Call) -> Value | None:
    """`ChatBedrockConverse.create_cache_point()`."""
    kind = call.own.keyword("cache_type") or Text.of("default")
    inner = call.machine.new_dict([Entry(Text.of("type"), kind)])
    return call.machine.new_dict([Entry(Text.of("cachePoint"), inner)])


ACTIONS: dict[str, ActionCode] = {
    "lc-cache-point": cache_point,
    "lc-invoke": invoke,
    "lc-agent-invoke": invoke,
    "lc-batch": batch,
    "lc-format": format_prompt,
    "lc-prompt-value": prompt_value,
    "lc-content": content,
    "lc-partial": partial,
    "lc-pipe": piped,
    "lc-then-assign": then_assign,
    "lc-step": step,
}
