// The acts of the floor: every scan, button, photo and signature is first kept in this browser (IndexedDB) under a key of its own,
// then sent, strictly in the order in which it was made. What can't be sent waits, also over a closed tab or a restart, and is sent
// again under the same key, so that it is done once. What the server answers about is in docs/offline.md.
(() => {
  "use strict";
  const app = document.getElementById("acts-app")?.dataset ?? {};
  const form = document.querySelector("form[data-scan]");
  const target = document.querySelector(form?.dataset.target ?? "#answer");
  const lineState = document.querySelector("[data-line-state]");
  const sheet = document.getElementById("waiting-scans");
  const person = app.person ?? "";
  const TIMEOUT = 15000;
  const TRIES_AGAIN = 10000;
  const PAGE = "revlog-floor-page";
  const NOT_DONE = ["conflict", "too-old", "held"];
  const STAYS = ["other-person", "other-site", "wait"];

  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

  // What is kept ------------------------------------------------------------------------------------------------------------------

  // A browser that keeps nothing (a private window of some) still sends; what waits then lives as long as this page.
  const memory = { acts: [], meta: new Map(), next: 1 };
  let database = null;
  const opened = new Promise((done) => {
    try {
      const asked = indexedDB.open("revlog", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("acts", { keyPath: "id", autoIncrement: true });
        asked.result.createObjectStore("meta");
      };
      asked.onsuccess = () => {
        database = asked.result;
        database.onclose = () => {
          database = null; // cleared under it: what is done from now on lives as long as this page
        };
        done();
      };
      asked.onerror = () => done();
    } catch {
      done();
    }
  });
  const settled = (request) =>
    new Promise((done, failed) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  const through = (transaction) =>
    new Promise((done, failed) => {
      transaction.oncomplete = () => done();
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });

  const meta = async (name, value) => {
    await opened;
    if (!database) {
      if (value !== undefined) memory.meta.set(name, value);
      return memory.meta.get(name);
    }
    const change = database.transaction("meta", value === undefined ? "readonly" : "readwrite");
    const store = change.objectStore("meta");
    return settled(value === undefined ? store.get(name) : store.put(value, name));
  };
  const all = async () => {
    await opened;
    return database ? settled(database.transaction("acts").objectStore("acts").getAll()) : [...memory.acts];
  };
  const put = async (act) => {
    if (!database) return;
    const change = database.transaction("acts", "readwrite");
    change.objectStore("acts").put(act);
    await through(change);
  };
  const remove = async (act) => {
    if (!database) {
      memory.acts = memory.acts.filter((one) => one.id !== act.id);
      return;
    }
    const change = database.transaction("acts", "readwrite");
    change.objectStore("acts").delete(act.id);
    await through(change);
  };
  // The number that follows and the act in one transaction: no number is given twice, none is left out.
  const keep = async (act) => {
    await opened;
    const counter = `sequence:${act.person}`;
    if (!database) {
      act.sequence = (memory.meta.get(counter) ?? 0) + 1;
      memory.meta.set(counter, act.sequence);
      act.id = memory.next++;
      memory.acts.push(act);
      return act;
    }
    // Without a line this is the only copy there is: it has to reach the disk.
    const change = database.transaction(["acts", "meta"], "readwrite", { durability: navigator.onLine && !stuck ? "relaxed" : "strict" });
    const numbers = change.objectStore("meta");
    const asked = numbers.get(counter);
    asked.onsuccess = () => {
      act.sequence = (asked.result ?? 0) + 1;
      numbers.put(act.sequence, counter);
      const added = change.objectStore("acts").add(act);
      added.onsuccess = () => {
        act.id = added.result;
      };
    };
    await through(change);
    return act;
  };

  // The browser's own id: that of the store, so that numbers and id are lost together. The cookie shows it to plain pages.
  let tablet = "";
  let offset = null;
  const known = (async () => {
    let before = "";
    try {
      before = localStorage.getItem("revlog-tablet") ?? "";
    } catch {
      // Nothing is kept here.
    }
    const read = async () => {
      tablet = (await meta("tablet")) ?? (before ? newKey() : cookie("revlog_tablet")) ?? "";
      if (!tablet) tablet = newKey();
      await meta("tablet", tablet);
      offset = (await meta("offset")) ?? null;
    };
    try {
      await read();
    } catch {
      database = null; // it opens, and can't be read or written: the page goes on as if there were none
      await read();
    }
    try {
      localStorage.setItem("revlog-tablet", tablet);
    } catch {
      // The store has it.
    }
    if (cookie("revlog_tablet") !== tablet) {
      document.cookie = `revlog_tablet=${tablet}; path=/; max-age=${400 * 24 * 3600}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    }
    navigator.storage?.persist?.(); // or the browser may clear it when the disk runs full
  })();

  // What is shown -----------------------------------------------------------------------------------------------------------------

  let stuck = false;
  let pending = 0; // acts of this page that have no answer yet
  let adding = 0; // those of them that are just being put down
  let sending = false;
  const isPage = (html) => /^\s*<!doctype/i.test(html);
  const sound = () => {
    const tone = target?.querySelector("[data-tone]")?.dataset.tone;
    if (tone) window.revlogSounds?.play(tone);
  };
  const place = () => {
    if (target) return target;
    let made = document.getElementById("kept-answer");
    if (!made) {
      made = document.createElement("div");
      made.id = "kept-answer";
      made.setAttribute("role", "status");
      document.querySelector("main").prepend(made);
    }
    return made;
  };
  const say = (id, fill = {}) => {
    const words = document.getElementById(id);
    if (words) {
      const shown = words.content.cloneNode(true);
      for (const [name, value] of Object.entries(fill)) {
        for (const spot of shown.querySelectorAll(`[data-fill="${name}"]`)) spot.tagName === "INPUT" ? (spot.value = value) : (spot.textContent = value);
      }
      place().replaceChildren(shown);
    }
    sound();
  };
  // A piece of work ended without the net: the driver who is here now signs now.
  const mayBeSigned = (act) => window.revlogGlass && act.code.toUpperCase() === "END";
  // What is refused at once stands: an act that was made before it is kept a moment later, and says nothing over it.
  let spoken = "";
  const sayOver = (name) => {
    spoken = new Date().toISOString();
    say(name);
  };
  const sayKept = (act) => {
    if (act.at <= spoken) return;
    if (act.files.length) say("say-photo-kept");
    else say(mayBeSigned(act) ? "say-end-kept" : "say-no-line", { label: act.label, key: act.key });
  };

  const row = (act) => {
    const line = document.createElement("li");
    const words = document.createElement("span");
    words.className = "mono";
    words.textContent = act.label;
    const time = document.createElement("time");
    time.dateTime = act.at;
    time.textContent = new Date(act.at).toLocaleTimeString();
    const state = document.createElement("span");
    state.className = "muted";
    state.textContent = act.state === "waiting" ? (sheet.dataset[act.files.length ? "photo" : "waits"] ?? "") : "";
    line.append(words, time, state);
    if (act.state !== "waiting") {
      line.className = "not-done";
      const told = document.createElement("div");
      told.innerHTML = act.story; // the server's own answer, as it would be swapped in
      const choices = document.getElementById("conflict-choices").content.cloneNode(true);
      choices.querySelector("[data-give-up]").addEventListener("click", () => giveUp(act));
      choices.querySelector("[data-again]").addEventListener("click", () => again(act));
      line.append(told, choices);
    }
    return line;
  };
  const show = async () => {
    const kept = await all();
    const mine = kept.filter((act) => act.person === person);
    const others = kept.length - mine.length;
    if (lineState) {
      lineState.classList.toggle("is-off", !navigator.onLine || stuck);
      const count = lineState.querySelector("[data-waiting]");
      count.hidden = kept.length === 0;
      count.textContent = `${kept.length}`;
      lineState.classList.toggle("has-conflict", mine.some((act) => act.state !== "waiting"));
    }
    if (!sheet) return;
    sheet.querySelector("[data-none]").hidden = kept.length > 0;
    sheet.querySelector("[data-some]").hidden = !mine.some((act) => act.state === "waiting");
    // Of what another person did here no more is shown than that it waits.
    const foreign = sheet.querySelector("[data-others]");
    if (foreign) {
      foreign.hidden = others === 0;
      foreign.querySelector("b").textContent = `${others}`;
    }
    sheet.querySelector("[data-list]").replaceChildren(...mine.map(row));
  };

  // Sending -----------------------------------------------------------------------------------------------------------------------

  const coded = (code) => [...document.querySelectorAll("[data-code]")].find((button) => button.dataset.code.toUpperCase() === code.toUpperCase());
  const fieldsOf = (from) => {
    const fields = [];
    const files = [];
    for (const [name, value] of new FormData(from)) {
      if (name === "csrfmiddlewaretoken") continue;
      if (value instanceof File) {
        if (value.size) files.push({ name, blob: value, filename: value.name });
      } else fields.push([name, value]);
    }
    return { fields, files };
  };

  // A code that stands on a button of the answer before it presses that button; which one is known once that answer is here.
  const resolve = async (act) => {
    if (act.url) return;
    const button = coded(act.code);
    const on = button?.closest("form[data-act]");
    if (on) Object.assign(act, { url: on.action, fields: fieldsOf(on).fields });
    else Object.assign(act, { url: act.box, fields: [["code", act.code]] });
    await put(act);
  };

  const headersOf = (act) => {
    const made = {
      "HX-Request": "true",
      "HX-Target": target?.id ?? "",
      "HX-Current-URL": location.href,
      "X-CSRFToken": cookie("csrftoken") || (document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? ""),
      "Idempotency-Key": act.key,
      "Act-Device": tablet,
      "Act-Sequence": `${act.sequence}`,
      "Act-At": act.at,
      "Act-Form": act.form,
      "Act-Person": act.person,
      "Act-Hub": act.hub,
    };
    if (offset !== null) made["Act-Offset"] = `${offset}`;
    if (act.again) made["Act-Again"] = act.again;
    return made;
  };
  const bodyOf = (act) => {
    const body = act.files.length ? new FormData() : new URLSearchParams();
    for (const [name, value] of act.fields) body.append(name, value);
    body.append("key", act.key);
    body.append("act_label", act.label);
    for (const file of act.files) body.append(file.name, file.blob, file.filename);
    return body;
  };
  const post = async (act, url, more = {}) => {
    const before = Date.now();
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headersOf(act), ...more },
      body: bodyOf(act),
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(act.files.length ? TIMEOUT * 8 : TIMEOUT),
    });
    const clock = Number(response.headers.get("Act-Clock"));
    if (clock) {
      offset = Math.round(clock - (before + Date.now()) / 2);
      meta("offset", offset).catch(() => undefined);
    }
    return response;
  };

  // What the house would not take is handed over as it is, for a lead; then it is off this tablet.
  const handOver = async (act, why) => {
    if (!app.keep) return false;
    const response = await post(act, app.keep, { "Act-Keep": why, "Act-Path": new URL(act.url, location.href).pathname });
    return NOT_DONE.includes(response.headers.get("Act-Outcome"));
  };

  const send = async (act) => {
    await resolve(act);
    const response = await post(act, act.url);
    const outcome = response.headers.get("Act-Outcome");
    const elsewhere = response.headers.get("HX-Redirect") ?? response.headers.get("HX-Location");
    if (response.type === "opaqueredirect" || response.status === 401 || (elsewhere && !outcome && person)) return "signed-out";
    if (NOT_DONE.includes(outcome)) {
      act.state = outcome;
      act.story = await response.text();
      await put(act);
      window.htmx?.swap(place(), act.story, { swapStyle: "innerHTML" });
      return "not-done";
    }
    if (STAYS.includes(outcome)) {
      if (response.status === 425) await fillGap(act, Number(response.headers.get("Act-Next")));
      else if (response.status === 409) window.htmx?.swap(place(), await response.text(), { swapStyle: "innerHTML" });
      return response.status === 409 ? "stays" : "again";
    }
    if (elsewhere) {
      await remove(act);
      location.assign(elsewhere);
      return "left";
    }
    if (!outcome && [429, 502, 503, 504].includes(response.status)) return "again";
    const html = await response.text();
    const answers = response.headers.get("content-type")?.startsWith("text/html") && !isPage(html);
    if (!outcome && (!answers || ![200, 403, 404, 409, 422].includes(response.status))) {
      const why = { 403: "refused", 404: "gone", 405: "gone", 410: "gone" }[response.status] ?? "broken";
      await handOver(act, why);
      return why === "refused" ? "refused" : "broken";
    }
    // Heard already: what stands there stays.
    if (response.headers.get("HX-Reswap") === "none") return "same";
    if (answers) window.htmx?.swap(place(), html, { swapStyle: "innerHTML" });
    return "done";
  };

  // Numbers that this tablet gave out and has no more (a browser that cleared part of its store): said so, that the rest may follow.
  const fillGap = async (act, next) => {
    const earlier = (await all()).some((one) => one.person === act.person && one.state === "waiting" && one.sequence < act.sequence);
    if (earlier || !app.keep || !next) return;
    for (let lost = next; lost < act.sequence && lost < next + 50; lost += 1) {
      const none = { ...act, key: newKey(), sequence: lost, fields: [], files: [], label: "" };
      await post(none, app.keep, { "Act-Keep": "lost", "Act-Path": "/" });
    }
  };

  const alone = (work) => (navigator.locks ? navigator.locks.request("revlog-acts", work) : work());
  const pump = async () => {
    await known;
    if (sending) return;
    sending = true;
    try {
      await alone(drain);
    } finally {
      sending = false;
      target?.classList.remove("htmx-request");
      await show();
      document.dispatchEvent(new CustomEvent("revlog:drained"));
    }
    if (!stuck && (await waiting()).length) pump();
  };
  const waiting = async () => (await all()).filter((act) => act.person === person && act.state === "waiting");
  const drain = async () => {
    for (;;) {
      const [act] = await waiting();
      pending = act ? Math.max(pending, 1) : adding;
      if (!act) {
        stuck = false;
        return;
      }
      if (!navigator.onLine) {
        stuck = true;
        return sayKept((await waiting()).at(-1));
      }
      target?.classList.add("htmx-request");
      let outcome;
      try {
        outcome = await send(act);
      } catch {
        outcome = "again"; // no line, or no answer in time
      }
      if (["again", "signed-out", "stays"].includes(outcome)) {
        stuck = true;
        if (outcome === "again") sayKept((await waiting()).at(-1) ?? act);
        else if (outcome === "signed-out") say("say-signed-out");
        else sound();
        return;
      }
      stuck = false;
      if (outcome !== "not-done") await remove(act);
      if (outcome === "broken") say("say-went-wrong");
      else if (outcome === "refused") say("say-not-allowed");
      else if (outcome !== "same") sound();
      if (outcome === "left") return;
      if (act.state === "too-old" && !(await waiting()).length) location.reload();
      await show();
    }
  };

  const add = async (made) => {
    pending += 1;
    adding += 1;
    await known;
    const act = {
      key: newKey(),
      person,
      hub: app.hub ?? "",
      at: new Date().toISOString(),
      form: app.form ?? "",
      state: "waiting",
      code: "",
      box: form?.action ?? "",
      url: "",
      fields: [],
      files: [],
      again: "",
      ...made,
    };
    try {
      await keep(act);
    } catch {
      // A full disk: nothing is kept, so nothing is sent, and whoever scanned hears it at once.
      pending -= 1;
      adding -= 1;
      document.dispatchEvent(new CustomEvent("revlog:drained"));
      return say("say-went-wrong");
    }
    adding -= 1;
    await show();
    if (sending && (stuck || !navigator.onLine)) sayKept(act);
    pump();
  };

  const giveUp = async (act) => {
    try {
      const response = await fetch(app.giveUp, {
        method: "POST",
        headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" },
        body: new URLSearchParams({ act: act.key }),
        redirect: "manual",
      });
      if (!response.ok) throw new Error(`${response.status}`);
    } catch {
      return say("say-needs-line");
    }
    await remove(act);
    await show();
  };
  const again = async (act) => {
    sheet.close();
    const { code, box, url, fields, files, label, key } = act;
    await remove(act);
    await add({ code, box, url, fields, files, label, again: key });
  };

  // Forms that may wait: they are kept and sent like a scan --------------------------------------------------------------------------

  document.addEventListener(
    "submit",
    (event) => {
      const from = event.target;
      if (!from.matches?.("form[data-act]")) return;
      event.preventDefault();
      event.stopPropagation();
      const { fields, files } = fieldsOf(from);
      const button = event.submitter;
      if (button?.name) fields.push([button.name, button.value]);
      for (const one of from.querySelectorAll("button[type=submit]")) one.disabled = true;
      document.addEventListener("revlog:drained", () => from.querySelectorAll("button[type=submit]").forEach((one) => { one.disabled = false; }), { once: true });
      const label = from.dataset.act || button?.querySelector(".line")?.firstChild?.parentNode.textContent || from.querySelector("label span")?.textContent || button?.textContent || "";
      add({ url: from.action, fields, files, label: label.replace(/\s+/g, " ").replace("⏎", "").trim().slice(0, 200) });
    },
    true,
  );
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("form.take-photo[data-act] input[type=file]")) event.target.form.requestSubmit();
  });
  // Other pages need the net.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("main a[href]");
    if (!link || navigator.onLine || link.getAttribute("href").startsWith("#") || !document.getElementById("say-needs-line")) return;
    event.preventDefault();
    say("say-needs-line");
  });

  // The page itself, without the net --------------------------------------------------------------------------------------------------

  const keepPage = async () => {
    if (!app.shell || !window.caches || !navigator.onLine) return;
    try {
      const response = await fetch(app.shell, { credentials: "same-origin", redirect: "manual" });
      if (response.ok) await (await caches.open(PAGE)).put(app.page, response);
      else if (response.type === "opaqueredirect") await caches.delete(PAGE);
    } catch {
      // It stays as it was.
    }
  };
  const work = async () => {
    if (!app.worker || !navigator.serviceWorker) return;
    const registered = await navigator.serviceWorker.register(app.worker, { scope: "/" });
    if (!registered) return; // kept shut by the browser
    // A new version takes over when nothing waits any more.
    const takeOver = async () => registered.waiting && !(await waiting()).length && registered.waiting?.postMessage("take over");
    takeOver();
    registered.addEventListener("updatefound", () => registered.installing?.addEventListener("statechange", takeOver));
    document.addEventListener("revlog:drained", takeOver);
  };
  document.addEventListener("htmx:oobAfterSwap", (event) => event.target.id === "floor-jobs" && keepPage());

  addEventListener("online", () => {
    show();
    pump();
  });
  addEventListener("offline", show);
  setInterval(() => stuck && pump(), TRIES_AGAIN);
  // Open at once: what it says is kept up to date anyhow, and Escape pressed right after the tap finds it open.
  lineState?.addEventListener("click", () => {
    sheet?.showModal();
    show();
  });
  sheet?.querySelector("[data-send]")?.addEventListener("click", () => {
    sheet.close();
    pump();
  });

  window.revlogActs = { add, coded, say, sayOver, sound, busy: () => pending > 0 || stuck, cut: () => stuck || !navigator.onLine };
  known.then(async () => {
    const mine = await waiting();
    pending = mine.length;
    await show();
    if (mine.length) pump();
    work().catch(() => undefined);
    keepPage();
  });
})();
