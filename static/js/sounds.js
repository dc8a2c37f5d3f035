// Three sounds, told apart without looking: accepted rises, attention repeats, refused falls and buzzes. Made by the browser,
// so there is no file to fetch. The choice to be silent is kept on this tablet.
(() => {
  "use strict";
  const KEY = "revlog-sound";
  const TONES = {
    // [start s, length s, Hz, shape, loudness]
    accepted: [[0, 0.09, 880, "sine", 0.3], [0.1, 0.14, 1320, "sine", 0.3]],
    attention: [[0, 0.12, 660, "triangle", 0.4], [0.18, 0.12, 660, "triangle", 0.4], [0.36, 0.12, 660, "triangle", 0.4]],
    refused: [[0, 0.22, 330, "square", 0.22], [0.26, 0.4, 196, "square", 0.22]],
  };
  let context = null;

  const isOn = () => {
    try {
      return localStorage.getItem(KEY) !== "off";
    } catch {
      return true;
    }
  };

  const play = (tone) => {
    if (!isOn() || !TONES[tone] || !window.AudioContext) return;
    context ??= new AudioContext();
    // Browsers keep a page silent until it was touched; a scanner's key press counts as a touch.
    if (context.state === "suspended") context.resume();
    for (const [start, length, pitch, shape, loudness] of TONES[tone]) {
      const at = context.currentTime + start;
      const voice = context.createOscillator();
      const gain = context.createGain();
      voice.type = shape;
      voice.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(loudness, at + 0.01);
      gain.gain.setValueAtTime(loudness, at + length - 0.03);
      gain.gain.linearRampToValueAtTime(0, at + length);
      voice.connect(gain).connect(context.destination);
      voice.start(at);
      voice.stop(at + length);
    }
  };

  const show = () => {
    for (const button of document.querySelectorAll("[data-sound]")) {
      button.setAttribute("aria-pressed", String(isOn()));
      button.title = isOn() ? button.dataset.on : button.dataset.off;
      for (const picture of button.querySelectorAll("[data-when]")) picture.hidden = (picture.dataset.when === "on") !== isOn();
    }
  };

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-sound]")) return;
    try {
      localStorage.setItem(KEY, isOn() ? "off" : "on");
    } catch {
      return;
    }
    show();
    play("accepted");
  });
  show();
  window.revlogSounds = { play };
})();
