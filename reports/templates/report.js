"use strict";
// Filters findings by severity. Without this script the page shows everything and the controls stay hidden.
(() => {
  const controls = document.getElementById("filters");
  if (!controls) return;
  const boxes = [...controls.querySelectorAll("input[type=checkbox]")];
  const status = document.getElementById("filter-status");
  const groups = [...document.querySelectorAll("[data-severity-group]")];
  const apply = () => {
    const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    let total = 0;
    for (const group of groups) {
      const size = group.querySelectorAll("article").length;
      total += size;
      group.hidden = !shown.has(group.dataset.severityGroup);
      if (!group.hidden) count += size;
    }
    status.textContent = `${count} of ${total} findings shown`;
  };
  // A link to a finding that a filter hides would lead nowhere: show its group again.
  const reveal = () => {
    const target = location.hash.startsWith("#finding-") && document.getElementById(location.hash.slice(1));
    const group = target && target.closest("[data-severity-group]");
    if (group && group.hidden) {
      boxes.find((box) => box.value === group.dataset.severityGroup).checked = true;
      apply();
      target.scrollIntoView();
    }
  };
  controls.hidden = false;
  controls.addEventListener("change", apply);
  addEventListener("hashchange", reveal);
  apply();
})();
