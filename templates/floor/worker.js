// The floor without the net: the page with the box opens from here, with its files. What is posted is none of this one's business:
// it is kept by the page (static/js/acts.js).
"use strict";
const STORE = "revlog-floor-{{ version }}";
const PAGE = "revlog-floor-page";
const AT = "{{ page }}";
const FILES = {{ files|safe }};
const PATIENCE = 5000;

self.addEventListener("install", (event) => event.waitUntil(caches.open(STORE).then((store) => store.addAll(FILES))));

self.addEventListener("activate", (event) =>
  event.waitUntil(
    (async () => {
      // The page that is kept must name the files that are kept: until there is a new one, the old files stay.
      let fresh = false;
      if (await caches.has(PAGE)) {
        try {
          const response = await fetch(`${AT}?shell=1`, { redirect: "manual" });
          fresh = response.ok;
          if (fresh) await (await caches.open(PAGE)).put(AT, response);
        } catch {
          fresh = false;
        }
      } else fresh = true;
      if (fresh) for (const name of await caches.keys()) if (name.startsWith("revlog-floor-") && name !== STORE && name !== PAGE) await caches.delete(name);
      await self.clients.claim();
    })(),
  ),
);

self.addEventListener("message", (event) => event.data === "take over" && self.skipWaiting());

const page = async (request) => {
  const kept = await (await caches.open(PAGE)).match(AT);
  if (!kept) return fetch(request);
  if (!navigator.onLine) return kept;
  const late = new Promise((_done, failed) => setTimeout(() => failed(new Error("no answer in time")), PATIENCE));
  try {
    return await Promise.race([fetch(request), late]);
  } catch {
    return kept;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === AT) event.respondWith(page(request));
  else if (FILES.includes(url.pathname)) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  else if (url.pathname.startsWith("{{ static }}") && !navigator.onLine) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});
