"use strict";

// Offers the codes that match what is typed; without this script the code is typed as it is.
document.addEventListener("DOMContentLoaded", () => {
  const timers = new WeakMap();
  const newest = new WeakMap();

  const offer = async (box) => {
    const before = box.dataset.several === undefined ? "" : box.value.replace(/[^,]*$/, "");
    const term = box.value.slice(before.length).trim();
    const asked = (newest.get(box) || 0) + 1;
    newest.set(box, asked);
    let answer;
    try {
      answer = await fetch(`${box.dataset.lookup}&term=${encodeURIComponent(term)}`);
    } catch {
      return;
    }
    if (!answer.ok || answer.redirected || newest.get(box) !== asked) return;
    const { results } = await answer.json();
    const start = before && `${before.trimEnd()} `;
    const options = results.map(({ text, label = "" }) => new Option(label, start + text));
    box.list.replaceChildren(...options);
  };

  const later = (box, wait) => {
    window.clearTimeout(timers.get(box));
    timers.set(box, window.setTimeout(() => offer(box), wait));
  };

  document.addEventListener("input", ({ target }) => {
    if (target.dataset.lookup !== undefined) later(target, 250);
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target.dataset.lookup !== undefined) later(target, 0);
  });
});
