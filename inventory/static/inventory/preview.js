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
  // What each stock could sell when the page was opened, by its code.
  const soldAtFirst = new Map();
  const cells = () => [...form.querySelectorAll("[data-stock]")];
  for (const cell of cells()) {
    soldAtFirst.set(cell.dataset.stock, cell.textContent);
  }
  let changed = null;
  let timer = 0;
  let newest = 0;

  const say = (name, sentence) => {
    const checkbox = form.elements.namedItem(`${name}_use_config`);
    if (checkbox) {
      const field = checkbox.closest("[data-use-config]").querySelector("[data-words]");
      if (field.textContent !== sentence) {
        field.textContent = sentence;
      }
    }
  };

  // The result stands beside what is being changed; the table of all stocks may be out of sight.
  const showResult = () => {
    const moved = cells()
      .filter((cell) => soldAtFirst.get(cell.dataset.stock) !== cell.textContent)
      .map((cell) => {
        const before = soldAtFirst.get(cell.dataset.stock) ?? "–";
        return `${cell.dataset.stock}: ${before} → ${cell.textContent}`;
      });
    const field = changed && changed.closest("[data-use-config], .row-control, td");
    for (const shownBefore of form.querySelectorAll(".option-result")) {
      shownBefore.remove();
    }
    if (field && moved.length > 0) {
      const words = document.createElement("p");
      words.className = "option-result";
      words.textContent = `${asked.dataset.resultLabel} · ${moved.slice(0, 3).join(" · ")}`;
      field.append(words);
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
        showResult();
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

  const later = (event) => {
    changed = event.target;
    if (shown) {
      shown.classList.add("is-stale");
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 250);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  const proposed = form.querySelector("[data-proposed] select, [data-proposed] input");
  if (proposed) {
    changed = proposed;
    ask();
  }
});
