// The keyboard of the office: "/" searches, "j" and "k" walk the rows, "x" picks, Enter opens, "?" lists the keys.
// A row is a <tr data-row> of a table with data-list; it opens by the first link in it.
(() => {
  "use strict";
  const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
  const current = () => document.querySelector("[data-row].here");

  const go = (step) => {
    const all = rows();
    if (!all.length) return false;
    const before = all.indexOf(current());
    const next = all[Math.max(0, Math.min(all.length - 1, before + step))] ?? all[0];
    for (const row of all) row.classList.toggle("here", row === next);
    // The row's own control takes the focus, so that screen readers speak it and Tab goes on from there.
    (next.querySelector("input[data-pick]") ?? next.querySelector("a[href]"))?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && event.target.matches("[data-search]")) event.target.blur();
      return;
    }
    const row = current();
    let took = true;
    if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      box?.focus();
      box?.select();
    } else if (event.key === "?") document.getElementById("keys")?.showModal();
    else if (event.key === "j") took = go(1);
    else if (event.key === "k") took = go(-1);
    else if (event.key === "x" && row) row.querySelector("input[data-pick]")?.click();
    else if (event.key === "Enter" && row && !event.target.closest("a, button, summary")) row.querySelector("a[href]")?.click();
    else took = false;
    if (took) event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-list] [data-row]");
    if (row) for (const one of rows()) one.classList.toggle("here", one === row);
  });
})();
