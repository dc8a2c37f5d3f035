// Picking rows of a list: counts them, shows the bar, and turns "all that match" on and off. The form itself works without.
(() => {
  "use strict";
  const refresh = (form) => {
    const picks = [...form.querySelectorAll("input[data-pick]")];
    const picked = picks.filter((box) => box.checked).length;
    const bar = form.querySelector("[data-bulk]");
    const whole = form.querySelector("[data-pick-page]");
    const all = form.querySelector("[data-all]");
    if (all && picked < picks.length) all.checked = false;
    if (whole) {
      whole.checked = picked > 0 && picked === picks.length;
      whole.indeterminate = picked > 0 && picked < picks.length;
    }
    if (!bar) return;
    bar.classList.toggle("some", picked > 0);
    const count = bar.querySelector("[data-picked]");
    if (count) count.textContent = String(picked);
    bar.querySelector("[data-all-off]")?.toggleAttribute("hidden", Boolean(all?.checked));
    bar.querySelector("[data-all-on]")?.toggleAttribute("hidden", !all?.checked);
  };

  const forms = () => document.querySelectorAll("form[data-pick-form]");
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-pick-form]");
    if (!form) return;
    if (event.target.matches("[data-pick-page], [data-all]")) {
      for (const box of form.querySelectorAll("input[data-pick]")) box.checked = event.target.checked;
    }
    refresh(form);
  });
  document.addEventListener("click", (event) => {
    const none = event.target.closest?.("[data-none]");
    if (!none) return;
    const form = none.closest("form");
    for (const box of form.querySelectorAll("input[data-pick]")) box.checked = false;
    refresh(form);
  });
  document.addEventListener("htmx:afterSettle", () => forms().forEach(refresh));
  addEventListener("pageshow", () => forms().forEach(refresh)); // the browser restores ticks when one comes back
  forms().forEach(refresh);
})();
