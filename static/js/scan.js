// The floor's scan box. A scanner is a keyboard that types fast and ends with Enter: wherever the focus is, what it types goes
// into the box. Scans are sent one after the other, each under a key of its own; one that can't be sent is kept on this tablet
// and sent again under the same key, so that the server can tell a repetition from a second scan.
(() => {
  "use strict";
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  const box = form.elements.namedItem("code");
  const target = document.querySelector(form.dataset.target);
  const lineState = document.querySelector("[data-line-state]");
  const sheet = document.getElementById("waiting-scans");
  const AT_ONCE = 1000; // ms: a trigger held too long, a label read twice
  const STORE = `revlog-scans:${form.action}`;
  const TIMEOUT = 15000;

  let queue = [];
  try {
    queue = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
  } catch {
    queue = [];
  }
  let sending = false;
  let last = { code: "", at: 0 };
  let stuck = queue.length > 0;

  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const keep = () => {
    try {
      sessionStorage.setItem(STORE, JSON.stringify(queue));
    } catch {
      // It still lives in this page.
    }
  };

  const showLine = () => {
    if (!lineState) return;
    const off = !navigator.onLine || stuck;
    lineState.classList.toggle("is-off", off);
    const count = lineState.querySelector("[data-waiting]");
    count.hidden = queue.length === 0;
    count.textContent = `${queue.length}`;
    if (!sheet) return;
    sheet.querySelector("[data-none]").hidden = queue.length > 0;
    sheet.querySelector("[data-some]").hidden = queue.length === 0;
    sheet.querySelector("[data-list]").replaceChildren(
      ...queue.map((scan) => {
        const row = document.createElement("li");
        const code = document.createElement("span");
        code.className = "mono";
        code.textContent = scan.code;
        const time = document.createElement("time");
        time.textContent = new Date(scan.at).toLocaleTimeString();
        row.append(code, time);
        return row;
      }),
    );
  };

  const say = (id) => {
    const words = document.getElementById(id);
    if (words) target.replaceChildren(words.content.cloneNode(true));
    sound();
  };

  const sound = () => {
    const tone = target.querySelector("[data-tone]")?.dataset.tone;
    if (tone) window.revlogSounds?.play(tone);
  };

  // A page of its own is no answer: it comes from in front of us, or from a sign-in.
  const isPage = (html) => /^\s*<!doctype/i.test(html);

  const focusBox = () => box.focus({ preventScroll: true });

  // One request: the answer lands in the target whatever its status, as long as it is one of ours.
  const send = async (scan) => {
    const token = form.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
    const response = await fetch(form.action, {
      method: "POST",
      headers: { "HX-Request": "true", "HX-Target": target.id, "X-CSRFToken": token, "Idempotency-Key": scan.key },
      body: new URLSearchParams({ code: scan.code, key: scan.key }),
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (response.type === "opaqueredirect" || response.status === 401) return "refused";
    const place = response.headers.get("HX-Redirect") ?? response.headers.get("HX-Location");
    if (place) {
      location.assign(place);
      return "done";
    }
    if (!response.ok && ![403, 404, 409, 422].includes(response.status)) return response.status >= 502 && response.status <= 504 ? "again" : "broken";
    const html = await response.text();
    if (response.headers.get("HX-Reswap") === "none") return "same"; // heard already: what stands there stays
    if (!response.headers.get("content-type")?.startsWith("text/html") || isPage(html)) return response.status === 403 ? "refused" : "broken";
    window.htmx.swap(target, html, { swapStyle: "innerHTML" });
    return "done";
  };

  const pump = async () => {
    if (sending) return;
    sending = true;
    target.classList.add("htmx-request");
    while (queue.length) {
      let outcome;
      try {
        outcome = await send(queue[0]);
      } catch {
        outcome = "again"; // no line, or no answer in time
      }
      if (outcome === "again") {
        stuck = true;
        say("say-no-line");
        break;
      }
      queue.shift();
      keep();
      stuck = false;
      if (outcome === "broken") say("say-went-wrong");
      else if (outcome === "refused") say("say-signed-out");
      else if (outcome === "done") sound();
      showLine();
    }
    sending = false;
    target.classList.remove("htmx-request");
    showLine();
    focusBox();
  };

  const press = (button) => {
    if (button && !button.disabled) button.click();
    return Boolean(button);
  };
  const coded = (code) => [...document.querySelectorAll("[data-code]")].find((button) => button.dataset.code.toUpperCase() === code.toUpperCase());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = box.value.trim();
    box.value = "";
    calm();
    if (!code) return void press(target.querySelector("[data-primary]") ?? document.querySelector("main [data-primary]"));
    if (code === last.code && Date.now() - last.at < AT_ONCE) return; // it counts once
    last = { code, at: Date.now() };
    if (press(coded(code))) return;
    queue.push({ code, key: newKey(), at: Date.now() });
    keep();
    showLine();
    pump();
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
    if (event.detail.target === target) sound();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!busy(document.activeElement) && !event.detail.elt.querySelector?.("[autofocus], [data-focus]")) focusBox();
  });
  for (const [name, words] of [["htmx:sendError", "say-unsure"], ["htmx:timeout", "say-unsure"], ["htmx:responseError", "say-went-wrong"]]) {
    document.addEventListener(name, (event) => {
      if (event.detail.target === target) say(words);
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

  addEventListener("online", pump);
  addEventListener("online", showLine);
  addEventListener("offline", showLine);
  addEventListener("focus", () => !busy(document.activeElement) && focusBox());
  setInterval(() => stuck && queue.length && pump(), 10000);
  lineState?.addEventListener("click", () => sheet?.showModal());
  sheet?.querySelector("[data-send]")?.addEventListener("click", () => {
    sheet.close();
    pump();
  });

  calm();
  showLine();
  if (!busy(document.activeElement)) focusBox(); // whoever was faster than this script keeps their field
  if (queue.length) pump();
})();
