// Scanning with the tablet's camera, or from a photo where the browser allows no camera. Codes are read here, by the browser's
// own detector or by our copy of the zxing reader; no picture leaves the tablet.
(() => {
  "use strict";
  const sheet = document.getElementById("camera");
  if (!sheet) return;
  const video = sheet.querySelector("video");
  const words = sheet.querySelector("[data-say]");
  const photo = sheet.querySelector("input[type=file]");
  const FORMATS = ["qr_code", "data_matrix", "code_128", "code_39", "ean_13", "ean_8", "upc_a", "itf", "pdf417"];
  const say = (key) => {
    words.textContent = words.dataset[key] ?? "";
  };

  let reader = null;
  const detector = async () => {
    if (reader) return reader;
    const native = window.BarcodeDetector;
    const known = native ? await native.getSupportedFormats() : [];
    if (FORMATS.slice(0, 4).every((format) => known.includes(format))) {
      reader = new native({ formats: FORMATS.filter((format) => known.includes(format)) });
    } else {
      const own = window.BarcodeDetectionAPI;
      if (!own) throw new Error("the reader is missing");
      own.prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? sheet.dataset.wasm : prefix + path) } });
      reader = new own.BarcodeDetector({ formats: FORMATS });
    }
    return reader;
  };

  const take = (code) => {
    const box = document.querySelector(sheet.dataset.into);
    stop();
    sheet.close();
    box.value = code;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.form?.requestSubmit();
  };

  let stream = null;
  let turn = 0; // the camera may answer after a photo was chosen or the sheet closed: its turn is over then
  const stop = () => {
    turn += 1;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    video.hidden = true;
  };

  const watch = async () => {
    let eyes;
    try {
      eyes = await detector();
    } catch {
      stop();
      return say("broken");
    }
    const look = async () => {
      if (!stream || !sheet.open) return;
      try {
        const [found] = await eyes.detect(video);
        if (found?.rawValue) return take(found.rawValue);
      } catch (error) {
        if (error.name !== "InvalidStateError") {
          stop();
          return say("broken"); // no frame yet is no fault; anything else is
        }
      }
      setTimeout(look, 120);
    };
    look();
  };

  const open = async () => {
    sheet.showModal();
    if (!window.isSecureContext || !navigator.mediaDevices) return say("insecure");
    say("looking");
    const mine = ++turn;
    let given;
    try {
      given = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
    } catch (error) {
      return mine === turn ? say(error.name === "NotAllowedError" ? "refused" : "missing") : undefined;
    }
    if (mine !== turn) {
      for (const track of given.getTracks()) track.stop();
      return;
    }
    stream = given;
    video.srcObject = stream;
    video.hidden = false;
    try {
      await video.play();
    } catch {
      return; // stopped before the first frame
    }
    if (mine === turn) watch();
  };

  photo.addEventListener("change", async () => {
    const file = photo.files[0];
    photo.value = "";
    if (!file) return;
    stop();
    say("reading");
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch {
      return say("nothing");
    }
    try {
      const [found] = await (await detector()).detect(picture);
      if (found?.rawValue) take(found.rawValue);
      else say("nothing");
    } catch {
      say("broken");
    } finally {
      picture.close();
    }
  });

  document.addEventListener("click", (event) => event.target.closest("[data-camera-open]") && open());
  sheet.addEventListener("close", stop);
})();
