"use strict";

// The backorder review with scripts: explanations beside the list, keys, and the selection.
document.addEventListener("DOMContentLoaded", () => {
  const review = document.querySelector("[data-review]");
  if (!review) return;
  const panel = review.querySelector("[data-panel]");
  const rows = [...review.querySelectorAll("[data-row]")];
  const links = rows.map((row) => row.querySelector("[data-fragment]"));
  const keys = review.querySelector("[data-keys]");
  const search = review.querySelector("[data-search]");
  const action = review.querySelector("#bulk-action");

  explanations(review, panel, rows, links);
  selection(review, rows);

  const opener = review.querySelector("[data-keys-open]");
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open || isTyping(event.target)) return;
    const current = rows.findIndex((row) => row.contains(document.activeElement));
    const presses = {
      j: () => links[Math.min(current + 1, links.length - 1)]?.focus(),
      k: () => links[Math.max(current - 1, 0)]?.focus(),
      x: () => rows[current]?.querySelector("[name=shipment]")?.click(),
      o: () => panel.querySelector("[data-panel-open]")?.click(),
      a: () => action?.focus(),
      "/": () => search.focus(),
      "?": () => keys.showModal(),
      Escape: () => panel.querySelector("[data-panel-close]")?.click(),
    };
    if (presses[event.key]) {
      event.preventDefault();
      presses[event.key]();
    }
  });
});

function isTyping(target) {
  return target.matches("select, textarea, input:not([type=checkbox])");
}

// Opens the explanation of a row without leaving the list; the address follows, for a reload.
function explanations(review, panel, rows, links) {
  let wanted = 0;

  async function open(link) {
    const turn = ++wanted;
    let answer;
    try {
      answer = await fetch(link.dataset.fragment, { credentials: "same-origin" });
    } catch {
      answer = null;
    }
    if (turn !== wanted) return;
    // Signed out, or gone: the page itself says what is the matter.
    if (!answer?.ok || answer.redirected) {
      window.location.assign(link.href);
      return;
    }
    panel.innerHTML = await answer.text();
    panel.hidden = false;
    review.classList.add("has-panel");
    for (const row of rows) row.classList.toggle("is-open", row.contains(link));
    window.history.replaceState(null, "", link.href);
    if (getComputedStyle(panel).position === "fixed") panel.focus();
  }

  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(link);
    });
  }

  for (const row of rows) {
    row.addEventListener("click", (event) => {
      if (event.target.closest("a, input, label, button") || window.getSelection().toString()) return;
      const link = row.querySelector("[data-fragment]");
      link.focus();
      open(link);
    });
  }

  panel.addEventListener("click", (event) => {
    if (!event.target.closest("[data-panel-close]")) return;
    event.preventDefault();
    wanted += 1;
    const opened = rows.find((row) => row.classList.contains("is-open"));
    panel.hidden = true;
    panel.replaceChildren();
    review.classList.remove("has-panel");
    for (const row of rows) row.classList.remove("is-open");
    const address = new URL(window.location.href);
    address.searchParams.delete("open");
    window.history.replaceState(null, "", address);
    opened?.querySelector("[data-fragment]").focus();
  });
}

// Shows how many are selected; one box selects the whole page.
function selection(review, rows) {
  const bar = review.querySelector("[data-bulk-bar]");
  const all = review.querySelector("[data-select-all]");
  const whole = review.querySelector("[data-all]");
  // Without actions there is nothing to select.
  if (!bar || !all) return;
  const boxes = rows.map((row) => row.querySelector("[name=shipment]"));
  const count = bar.querySelector("[data-selected-count]");

  function show() {
    const selected = boxes.filter((box) => box.checked).length;
    const { none, some } = count.dataset;
    count.textContent = selected ? some.replace("%s", selected) : none;
    bar.classList.toggle("is-active", selected > 0 || Boolean(whole?.checked));
    all.checked = selected === boxes.length && selected > 0;
    all.indeterminate = selected > 0 && selected < boxes.length;
    rows.forEach((row, index) => row.classList.toggle("is-selected", boxes[index].checked));
  }

  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of [...boxes, whole]) box?.addEventListener("change", show);
  show();
}
