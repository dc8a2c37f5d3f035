// Files dropped on the box land in its file field and are sent. Without script the field and the button do the same.
(() => {
  "use strict";
  for (const box of document.querySelectorAll("[data-drop]")) {
    const field = box.querySelector("input[type=file]");
    const over = (on) => box.classList.toggle("over", on);
    box.addEventListener("dragover", (event) => {
      event.preventDefault();
      over(true);
    });
    box.addEventListener("dragleave", (event) => {
      if (!box.contains(event.relatedTarget)) over(false);
    });
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (!event.dataTransfer.files.length) return;
      field.files = event.dataTransfer.files;
      field.form.requestSubmit();
    });
  }
})();
