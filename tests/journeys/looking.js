// What is wrong with the page as people see it, a line each. What shows code on purpose is left out: serials, digests, files.
(smallest) => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth + 1) {
    const wide = [...document.body.querySelectorAll("*")].filter((one) => {
      const box = one.getBoundingClientRect();
      if (!box.width || box.right <= window.innerWidth + 1) return false;
      for (let up = one.parentElement; up; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== "visible") return false;
      return true;
    });
    found.push(`wider than the window by ${root.scrollWidth - window.innerWidth} px: ` + wide.slice(-2).map((one) => one.outerHTML.slice(0, 140)).join(" | "));
  }
  const small = new Set(), raw = new Set(), left = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.textContent.trim(), holder = node.parentElement;
    if (!text || !holder || holder.closest("script, style, template, noscript, [hidden]")) continue;
    if (!holder.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (size < smallest) small.add(`${size} px: ${text.slice(0, 60)}`);
    if (holder.closest("code, pre, textarea, .mono, [data-code]")) continue;
    if (/%\(\w+\)s|\{\w*(![a-z])?\}|\{\{|\{%|^None$|[:,(·] ?None\b|\bNaN\b|undefined|object at 0x|<lazy/.test(text)) left.add(text.slice(0, 80));
    const codes = new RegExp(
      "\\b[A-Z]{2,}(?:_[A-Z]+)+\\b|\\b[a-z]{2,}(?:_[a-z]{2,})+\\b|\\b(?:EXPECTED|RECEIVED|DEPLOYED|SOLD|RESTOCKED|DONATED|RETURNED|RECYCLED|" +
        "UNKNOWN|PRESENT|SANITIZED|DESTROYED|RESELL|REFURBISH|HARVEST|RECYCLE|RESTOCK|DONATE|DESTROY)\\b",
      "g",
    );
    for (const word of text.match(codes) || [])
      raw.add(`${word} in “${text.slice(0, 60)}”`);
  }
  if (small.size) found.push("too small: " + [...small].slice(0, 4).join("; "));
  if (raw.size) found.push("a raw code: " + [...raw].slice(0, 4).join("; "));
  if (left.size) found.push("a sentence that was not filled in: " + [...left].slice(0, 4).join("; "));
  if (!document.title.trim()) found.push("no title");
  const heads = document.querySelectorAll("h1").length;
  if (heads !== 1) found.push(`${heads} h1`);
  return found;
}
