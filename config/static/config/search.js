"use strict";

// The search over every page: Ctrl-K, / or its box opens it. Without this script the box leads to
// the page of the search.
document.addEventListener("DOMContentLoaded", () => {
  const dialog = document.getElementById("search-dialog");
  if (dialog === null) return;
  const form = dialog.querySelector("form");
  const box = form.elements.q;
  const list = dialog.querySelector("[data-search-list]");
  const links = () => [...list.querySelectorAll("a")];
  let timer = 0;
  let shown = null;
  let asked = null;
  let isOpening = false;

  const openFirst = () => {
    const [first] = links();
    if (first !== undefined) window.location.assign(first.href);
  };

  const ask = async () => {
    const question = box.value.trim();
    if (asked === question) return;
    asked = question;
    let answer;
    try {
      answer = await fetch(`${form.action}?list&q=${encodeURIComponent(question)}`);
    } catch {
      if (asked === question) asked = null;
      return;
    }
    if (asked !== question) return;
    // Whoever was logged out meanwhile is led to the log-in by the page itself.
    if (!answer.ok || answer.redirected) {
      window.location.assign(`${form.action}?q=${encodeURIComponent(question)}`);
      return;
    }
    const words = await answer.text();
    if (asked !== question) return;
    list.innerHTML = words;
    shown = question;
    if (isOpening) openFirst();
  };

  const open = () => {
    if (!dialog.open) dialog.showModal();
    box.focus();
    box.select();
    ask();
  };

  const isWriting = ({ target }) =>
    target.isContentEditable || target.matches("input, textarea, select");

  // After the page's own keys: the backorder review has a search of its own at the same key.
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const isKey = isCommand
      ? event.key.toLowerCase() === "k"
      : event.key === "/" && !event.altKey && !isWriting(event);
    if (!isKey || document.querySelector("dialog[open]:not(#search-dialog)")) return;
    event.preventDefault();
    open();
  });

  for (const opener of document.querySelectorAll("[data-search-open]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      open();
    });
  }

  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });

  box.addEventListener("input", () => {
    isOpening = false;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 120);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    isOpening = true;
    if (shown === box.value.trim()) openFirst();
    else ask();
  });

  dialog.addEventListener("keydown", (event) => {
    // At once, even where the browser would empty the box first.
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      dialog.close();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [box, ...links()];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    stops[Math.min(Math.max(next, 0), stops.length - 1)].focus();
  });
});
