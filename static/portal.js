// What the portal adds to htmx. Everything works without this file.
"use strict";

// A swap that fails on the way must not leave the reader waiting: follow the link as the browser would.
document.addEventListener("htmx:error", (event) => {
  const source = event.detail.ctx && event.detail.ctx.sourceElement;
  if (source && source.href) location.assign(source.href);
});

// Characters left, counted as the server counts: code points, line ends as LF, composed letters (NFC).
const body = document.getElementById("body");
if (body && body.dataset.limit) {
  const count = document.getElementById("body-count");
  const show = () => {
    const used = Array.from(body.value.replace(/\r\n?/g, "\n").normalize("NFC")).length;
    const left = Number(body.dataset.limit) - used;
    const number = Math.abs(left).toLocaleString(document.documentElement.lang);
    count.textContent = (left < 0 ? body.dataset.over : body.dataset.left).replace("{}", number);
    count.classList.toggle("error", left < 0);
  };
  body.addEventListener("input", show);
  show();
}
