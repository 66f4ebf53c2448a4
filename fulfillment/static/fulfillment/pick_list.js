"use strict";

// Scans on a pick list: each is kept in the browser until the server has counted it. It is sent
// again after a lost connection; the server counts each key once.
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-pick-list]");
  const form = page?.querySelector("[data-scan]");
  markNext();
  if (!form) return;
  const store = `pick-list-${page.dataset.pickList}`;
  const said = form.querySelector("[data-said]");
  const waiting = form.querySelector("[data-waiting]");
  const pack = page.querySelector("[data-pack]");
  const lost = form.querySelector("[data-lost]");
  const code = form.elements.code;
  const again = 1000;
  let isSending = false;

  const kept = () => JSON.parse(localStorage.getItem(store) || "[]");
  const keep = (scans) => {
    if (scans.length) localStorage.setItem(store, JSON.stringify(scans));
    else localStorage.removeItem(store);
    waiting.hidden = !scans.length;
    waiting.textContent = `${waiting.dataset.one} ${scans.length}`;
  };
  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = code.value.trim();
    if (!typed) return;
    keep([...kept(), { key: newKey(), code: typed }]);
    code.value = "";
    code.focus();
    send();
  });
  window.addEventListener("online", send);
  keep(kept());
  send();

  async function send() {
    if (isSending) return;
    isSending = true;
    try {
      while (kept().length) {
        const scan = kept()[0];
        const body = new URLSearchParams({ ...scan, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
        const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
        lost.hidden = !answer.redirected && answer.status !== 403;
        if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
        const counted = await answer.json();
        keep(kept().filter((other) => other.key !== scan.key));
        show(counted);
      }
    } catch {
      setTimeout(send, again);
    } finally {
      isSending = false;
    }
  }

  function show(counted) {
    said.textContent = counted.message;
    said.classList.toggle("is-problem", !counted.is_counted);
    form.querySelector("[data-progress]").textContent = counted.progress;
    const row = page.querySelector(`[data-pick="${counted.pick}"]`);
    if (row) {
      for (const field of row.querySelectorAll("input")) field.value = counted.picked;
      row.classList.toggle("is-done", counted.is_done);
    }
    if (pack) {
      pack.hidden = !counted.to_pack;
      pack.querySelector("p").textContent = counted.to_pack;
    }
    markNext();
    if (String(counted.put_back) !== page.dataset.putBack && !kept().length) location.reload();
  }

  function markNext() {
    const rows = [...document.querySelectorAll("[data-pick]")];
    const next = rows.find((row) => !row.classList.contains("is-done"));
    for (const row of rows) {
      if (row === next) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }
});
