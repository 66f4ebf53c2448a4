"use strict";

// Asks the server, by the very rules that selling follows, what would result if the form were
// saved as it stands. Only the newest answer is shown.
document.addEventListener("DOMContentLoaded", () => {
  const shown = document.querySelector("[data-salable]");
  const form = shown && shown.closest("form");
  if (!form) {
    return;
  }
  let timer = 0;
  let newest = 0;

  const ask = async () => {
    const asked = (newest += 1);
    try {
      const answer = await fetch(shown.dataset.previewUrl, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "XMLHttpRequest" },
      });
      if (!answer.ok || asked !== newest) {
        return;
      }
      const { sentences, salable } = await answer.json();
      shown.innerHTML = salable;
      shown.classList.remove("is-stale");
      for (const [name, sentence] of Object.entries(sentences)) {
        for (const place of form.querySelectorAll(`.field-line [data-words="${name}"]`)) {
          place.textContent = sentence;
        }
      }
    } catch (error) {
      // Offline, or the page is being left: the saved figures stay, marked as stale.
      if (!(error instanceof TypeError)) {
        throw error;
      }
    }
  };

  const later = () => {
    shown.classList.add("is-stale");
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 250);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
});
