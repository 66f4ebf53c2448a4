"use strict";

// Asks the server, by the very rules that are followed, what would result if the form were saved
// as it stands: what each option does, and what can be sold. Only the newest answer is shown.
document.addEventListener("DOMContentLoaded", () => {
  const asked = document.querySelector("[data-preview-url]");
  const form = asked && asked.closest("form");
  if (!form) {
    return;
  }
  const shown = form.querySelector("[data-salable]");
  let timer = 0;
  let newest = 0;

  const say = (name, sentence) => {
    const checkbox = form.elements.namedItem(`${name}_use_config`);
    if (checkbox) {
      const place = checkbox.closest("[data-use-config]").querySelector("[data-words]");
      if (place.textContent !== sentence) {
        place.textContent = sentence;
      }
    }
  };

  const ask = async () => {
    const mine = (newest += 1);
    try {
      const answer = await fetch(asked.dataset.previewUrl, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "XMLHttpRequest" },
      });
      if (!answer.ok || mine !== newest) {
        return;
      }
      const { sentences, salable } = await answer.json();
      if (shown) {
        shown.innerHTML = salable;
        shown.classList.remove("is-stale");
      }
      for (const [name, sentence] of Object.entries(sentences)) {
        say(name, sentence);
      }
    } catch (error) {
      // Offline, or the page is being left: the saved figures stay, marked as stale.
      if (!(error instanceof TypeError)) {
        throw error;
      }
    }
  };

  const later = () => {
    if (shown) {
      shown.classList.add("is-stale");
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 250);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
});
