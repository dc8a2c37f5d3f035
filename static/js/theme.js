// Light, dark or the system's choice. Runs before the first paint (it is the one script that blocks), so that a page never
// flashes in the other colours; the button is wired once the page stands.
(() => {
  "use strict";
  const root = document.documentElement;
  const KEY = "revlog-theme";
  const choices = ["auto", "light", "dark"];

  const read = () => {
    try {
      const kept = localStorage.getItem(KEY);
      return choices.includes(kept) ? kept : "auto";
    } catch {
      return "auto"; // storage is shut in some private windows
    }
  };

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (choice) => {
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    for (const button of document.querySelectorAll("[data-theme-toggle]")) button.setAttribute("aria-label", button.dataset[choice]);
    document.dispatchEvent(new CustomEvent("revlog:theme"));
  };

  root.classList.add("js");
  show(read());
  dark.addEventListener("change", () => show(read()));
  addEventListener("storage", (event) => event.key === KEY && show(read()));
  document.addEventListener("DOMContentLoaded", () => show(read()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = choices[(choices.indexOf(read()) + 1) % choices.length];
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // It holds for this page at least.
    }
    show(next);
  });
})();
