// What the portal adds to htmx. Everything works without this file.
"use strict";

const said = document.getElementById("said");

// Follow the link that htmx wanted to spare the reader.
const follow = (event) => {
  const source = event.detail.ctx && event.detail.ctx.sourceElement;
  if (source && source.href) location.assign(source.href);
};

// A click for another tab or window is the browser's; htmx 4.0.1 would swallow it.
document.addEventListener("click", (event) => {
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (elsewhere && event.target.closest("a[hx-get]")) event.stopPropagation();
}, true);

// A tab that fails on the way must not leave the reader waiting.
document.addEventListener("htmx:error", follow);

// The portal's own errors say where they belong. Anything else, such as a proxy's page, is not for swapping in.
document.addEventListener("htmx:before:response", (event) => {
  const { response, hx } = event.detail.ctx;
  if (response.status < 400 || hx.pushurl || hx.redirect) return;
  event.preventDefault();
  follow(event);
});

// A row of tabs that scrolls shows the current one, also in browsers whose stylesheet cannot say so.
const showTab = () => {
  const current = document.querySelector(".tabs [aria-current]");
  if (current) current.parentElement.scrollLeft = current.offsetLeft - (current.parentElement.clientWidth - current.offsetWidth) / 2;
};
showTab();

// The link that had the focus is gone with the old tab: go on at the new heading, and say where the reader is.
document.addEventListener("htmx:after:swap", (event) => {
  const heading = document.querySelector("#record h1");
  showTab();
  if (heading) heading.focus();
  said.textContent = event.detail.ctx.title;
});

// Before a session ends the reader is told, and stays with one press; what is typed stays where it is (WCAG 2.2.1).
const ends = document.getElementById("session-end");
if (ends) {
  const [soon, last, ended] = ends.children;
  const closes = performance.now() + ends.dataset.end * 1000;
  let timer;
  const show = (which) => {
    ends.hidden = !which;
    for (const text of ends.children) text.hidden = text !== which;
  };
  const used = () => {
    clearTimeout(timer);
    show();
    const idle = ends.dataset.idle * 1000, left = Math.min(idle, closes - performance.now());
    const warning = Math.min(300000, left / 2);
    timer = setTimeout(() => {
      show(left < idle ? last : soon);
      timer = setTimeout(show, warning, ended);
    }, left - warning);
  };
  ends.querySelector("button").addEventListener("click", () => {
    // Where the line fails the warning stays.
    fetch(ends.dataset.stay, { redirect: "manual" }).then((answer) => answer.ok ? used() : show(ended), () => {});
  });
  document.addEventListener("htmx:after:swap", used);
  used();
}

// A page that comes back as it was left may be somebody's who has signed out by now: ask again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
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
    // Said when the limit is crossed, not with every letter.
    if (count.classList.contains("error") !== left < 0) said.textContent = count.textContent;
    count.classList.toggle("error", left < 0);
  };
  body.addEventListener("input", show);
  show();
}
