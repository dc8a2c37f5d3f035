// A panel that can't be loaded says so in its place and offers to try again; the rest of the page goes on.
(() => {
  "use strict";
  const failed = (event) => {
    const panel = event.detail.elt.closest("[data-panel]");
    const words = document.getElementById("say-panel-failed");
    if (!panel || !words) return;
    panel.replaceChildren(words.content.cloneNode(true));
    panel.querySelector("[data-retry]")?.addEventListener("click", () => {
      window.htmx.ajax("GET", panel.getAttribute("hx-get"), { target: panel, source: panel });
    });
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, failed);

  // Focus goes to what changed, where the answer asks for it.
  document.addEventListener("htmx:afterSettle", (event) => {
    event.detail.elt.querySelector?.("[data-focus]")?.focus({ preventScroll: false });
  });
})();
