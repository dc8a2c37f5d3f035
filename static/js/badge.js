// Badge and PIN at a shared station: a scan ends in Enter, which moves on to the PIN instead of sending half a form.
(() => {
  "use strict";
  const form = document.querySelector("[data-badge-form]");
  if (!form) return;
  const badge = form.querySelector("[data-badge]");
  const pin = form.querySelector("[data-pin]");

  badge.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !badge.value.trim()) return;
    event.preventDefault();
    pin.focus();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-digit], [data-erase]");
    if (!button) return;
    pin.value = "digit" in button.dataset ? (pin.value + button.dataset.digit).slice(0, pin.maxLength) : pin.value.slice(0, -1);
    // The tablet's own keyboard stays away: the pad is there.
    if (!badge.value.trim()) badge.focus();
  });
  (badge.value.trim() ? pin : badge).focus();
})();
