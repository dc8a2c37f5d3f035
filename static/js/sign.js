// A signature on the glass: pen, finger or mouse draw on the canvas, and the form carries the picture. It works for forms that come
// later with an answer, so it listens on the document.
(() => {
  "use strict";
  let drawing = null;
  window.revlogGlass = true; // this page takes signatures

  const inked = (glass) => glass.closest("form")?.elements.namedItem("signature");
  const spot = (glass, event) => {
    const box = glass.getBoundingClientRect();
    return [((event.clientX - box.left) * glass.width) / box.width, ((event.clientY - box.top) * glass.height) / box.height];
  };
  const pen = (glass) => {
    const ink = glass.getContext("2d");
    ink.lineWidth = 4;
    ink.lineCap = "round";
    ink.lineJoin = "round";
    ink.strokeStyle = "#000";
    return ink;
  };

  document.addEventListener("pointerdown", (event) => {
    const glass = event.target.closest?.("canvas[data-glass]");
    if (!glass || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    glass.setPointerCapture(event.pointerId);
    const ink = pen(glass);
    const [x, y] = spot(glass, event);
    ink.beginPath();
    ink.moveTo(x, y);
    ink.lineTo(x + 0.1, y);
    ink.stroke();
    drawing = { glass, ink, id: event.pointerId };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drawing || event.pointerId !== drawing.id) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      drawing.ink.lineTo(...spot(drawing.glass, part));
    }
    drawing.ink.stroke();
  });
  const lift = (event) => {
    if (!drawing || event.pointerId !== drawing.id) return;
    const field = inked(drawing.glass);
    if (field) field.value = drawing.glass.toDataURL("image/png");
    drawing = null;
  };
  document.addEventListener("pointerup", lift);
  document.addEventListener("pointercancel", lift);
  document.addEventListener("click", (event) => {
    const again = event.target.closest?.("[data-glass-clear]");
    const glass = again?.closest("form")?.querySelector("canvas[data-glass]");
    if (!glass) return;
    glass.getContext("2d").clearRect(0, 0, glass.width, glass.height);
    inked(glass).value = "";
  });
})();
