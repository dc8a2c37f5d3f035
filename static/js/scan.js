// The floor's scan box. A scanner is a keyboard that types fast and ends with Enter: wherever the focus is, what it types goes
// into the box. What becomes of it then, with the net and without, is done by acts.js.
(() => {
  "use strict";
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  const box = form.elements.namedItem("code");
  const target = document.querySelector(form.dataset.target);
  const acts = window.revlogActs;
  const AT_ONCE = 1000; // ms: a trigger held too long, a label read twice
  let last = { code: "", at: 0 };

  const focusBox = () => box.focus({ preventScroll: true });
  const isPage = (html) => /^\s*<!doctype/i.test(html);

  const press = (button) => {
    if (button && !button.disabled) button.click();
    return Boolean(button);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = box.value.trim();
    box.value = "";
    calm();
    if (!code) return void press(target.querySelector("[data-primary]") ?? document.querySelector("main [data-primary]"));
    if (code === last.code && Date.now() - last.at < AT_ONCE) return; // it counts once
    last = { code, at: Date.now() };
    // Without a line nobody can ask for a PIN: what is scanned after a badge would count as done by the person before.
    if (acts.cut() && form.dataset.badge && code.toUpperCase().startsWith(form.dataset.badge)) return void acts.sayOver("say-no-badge");
    // While scans wait, the buttons that stand here are of an earlier one: the code is kept, and pressed when its turn comes.
    if (!acts.busy() && press(acts.coded(code))) return;
    acts.add({ code, label: code });
  });

  // On a tablet the on-screen keyboard stays down until the box itself is tapped.
  const calm = () => {
    if (matchMedia("(pointer: coarse)").matches) box.inputMode = "none";
  };
  box.addEventListener("pointerdown", () => {
    box.inputMode = "text";
  });

  // What is typed anywhere goes to the box, unless somebody is filling in another field.
  const busy = (element) =>
    document.querySelector("dialog[open]") || element?.closest?.("input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || busy(event.target)) return;
    if (event.key.length === 1 && !(event.key === " " && event.target.closest?.("button, a, summary, input"))) focusBox();
  });
  // After the click's own submit: a form that loses the focus before it forgets which of its buttons was pressed.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a, input, textarea, select, label, summary, dialog, details[open]") && !document.querySelector("dialog[open]")) setTimeout(focusBox, 0);
  });
  // A button that this person may not press answers like any other refusal, with its sentence.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target: place, xhr } = event.detail;
    if (place !== target || ![403, 404].includes(xhr.status) || isPage(xhr.responseText)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === target && event.detail.xhr) acts.sound();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!busy(document.activeElement) && !event.detail.elt.querySelector?.("[autofocus], [data-focus]")) focusBox();
  });
  for (const [name, words] of [["htmx:sendError", "say-unsure"], ["htmx:timeout", "say-unsure"], ["htmx:responseError", "say-went-wrong"]]) {
    document.addEventListener(name, (event) => {
      if (event.detail.target === target) acts.say(words);
    });
  }

  // An undo is offered for so many seconds; the server has the last word.
  setInterval(() => {
    for (const offer of document.querySelectorAll("form[data-undo]")) {
      const left = Number(offer.dataset.undo) - 1;
      offer.dataset.undo = String(left);
      const words = offer.querySelector("[data-left]");
      if (words) words.textContent = `${left} s`;
      if (left <= 0) offer.remove();
    }
  }, 1000);

  document.addEventListener("revlog:drained", () => !busy(document.activeElement) && focusBox());
  addEventListener("focus", () => !busy(document.activeElement) && focusBox());

  calm();
  if (!busy(document.activeElement)) focusBox(); // whoever was faster than this script keeps their field
})();
