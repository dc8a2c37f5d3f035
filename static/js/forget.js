// Somebody signs in here next: the page that is kept for opening without the net names the person before. What they did and what
// isn't sent yet stays, and waits for them (acts.js).
(() => {
  "use strict";
  window.caches?.delete("revlog-floor-page");
})();
