// Menus are <details>, dialogs are <dialog>: both work without this file. It closes them on Escape and a tap beside.
(() => {
  "use strict";
  const open = () => document.querySelectorAll("details.menu[open]");

  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
    const close = event.target.closest("dialog [data-close]");
    if (close) close.closest("dialog").close();
    if (event.target instanceof HTMLDialogElement) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // On a narrow page the line of tabs begins where the current one is in sight.
  for (const line of document.querySelectorAll(".tabline")) {
    const here = line.querySelector("[aria-current]");
    if (here) line.scrollLeft = here.offsetLeft - line.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;
  }

  // Tabs swap one part of the page; the mark of the current one follows the address.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    for (const link of document.querySelectorAll("[data-tabs] a")) {
      if (link.href === location.href) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  });
})();
