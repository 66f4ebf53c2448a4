"use strict";

// Adds and takes away rows, and asks the server, by the very rules that placing follows, what
// would become of each line as it is typed. Only the newest answer is shown.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-phone-order]");
  if (!form) {
    return;
  }
  const rows = form.querySelector("[data-rows]");
  const count = form.querySelector('[name="lines-TOTAL_FORMS"]');
  let timer = 0;
  let newest = 0;

  const paragraph = (text, name) => {
    const made = document.createElement("p");
    made.textContent = text;
    made.className = name;
    return made;
  };

  const tell = (place, told) => {
    const said = [];
    if (told && told.message) {
      said.push(paragraph(told.message, ""));
    }
    if (told && told.backordered) {
      said.push(paragraph(told.backordered, "phone-backordered"));
    }
    for (const reason of (told && told.reasons) || []) {
      said.push(paragraph(reason, "order-errors"));
    }
    place.replaceChildren(...said);
    place.classList.remove("is-stale");
  };

  const ask = async () => {
    const asked = (newest += 1);
    try {
      const answer = await fetch(form.dataset.availabilityUrl, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "XMLHttpRequest" },
      });
      if (!answer.ok || asked !== newest) {
        return;
      }
      const { problems, lines } = await answer.json();
      for (const row of rows.querySelectorAll("[data-row]")) {
        tell(row.querySelector("[data-told]"), lines[row.dataset.row]);
      }
      const found = problems.map((problem) => paragraph(problem, "order-errors"));
      form.querySelector("[data-problems]").replaceChildren(...found);
    } catch (error) {
      // Offline, or the page is being left: what was said stays, marked as stale.
      if (!(error instanceof TypeError)) {
        throw error;
      }
    }
  };

  const later = () => {
    for (const place of rows.querySelectorAll("[data-told]")) {
      place.classList.add("is-stale");
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 250);
  };

  const followMethod = () => {
    const isPickup = form.elements.fulfillment_method.value === "PICKUP";
    form.querySelector('[data-field="pickup_source"]').hidden = !isPickup;
    form.elements.pickup_source.disabled = !isPickup;
  };

  form.querySelector("[data-add-row]").addEventListener("click", (event) => {
    event.preventDefault();
    const made = form.querySelector("[data-empty-row]").innerHTML;
    rows.insertAdjacentHTML("beforeend", made.replaceAll("__prefix__", count.value));
    count.value = String(Number(count.value) + 1);
    rows.lastElementChild.querySelector("input").focus();
  });

  form.addEventListener("change", (event) => {
    if (event.target.name.endsWith("-DELETE")) {
      event.target.closest("[data-row]").hidden = event.target.checked;
    }
    followMethod();
    later();
  });
  form.addEventListener("input", later);
  followMethod();
});
