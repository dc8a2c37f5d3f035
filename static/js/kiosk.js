// A kiosk that is left alone goes back to its first page, which forgets who stood here. Going back in the browser shows nothing old.
(() => {
  "use strict";
  const main = document.querySelector("[data-idle]");
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  if (!main) return;
  let timer;
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(() => window.location.replace(main.dataset.idleTo), Number(main.dataset.idle) * 1000);
  };
  for (const name of ["pointerdown", "keydown", "input", "scroll", "touchstart"]) {
    document.addEventListener(name, begin, { passive: true, capture: true });
  }
  begin();
})();
