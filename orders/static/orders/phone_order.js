"use strict";

// Adds and takes away rows, fills in what is known of a customer, and asks the server, by the very
// rules that placing follows, what would become of each line as it is typed. Only the newest
// answer is shown.
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

  const tell = (field, told) => {
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
    field.replaceChildren(...said);
    field.classList.remove("is-stale");
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
      const { problems, lines, total } = await answer.json();
      for (const row of rows.querySelectorAll("[data-row]")) {
        tell(row.querySelector("[data-told]"), lines[row.dataset.row]);
      }
      const found = problems.map((problem) => paragraph(problem, "order-errors"));
      form.querySelector("[data-problems]").replaceChildren(...found);
      form.querySelector("[data-total]").textContent = total || "–";
    } catch (error) {
      // Offline, or the page is being left: what was said stays, marked as stale.
      if (!(error instanceof TypeError)) {
        throw error;
      }
    }
  };

  const later = () => {
    for (const field of rows.querySelectorAll("[data-told]")) {
      field.classList.add("is-stale");
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 250);
  };

  // What is typed already stays.
  const fillCustomer = async (email) => {
    const url = `${form.dataset.customerUrl}?email=${encodeURIComponent(email)}`;
    let answer;
    try {
      answer = await fetch(url);
    } catch {
      return;
    }
    if (!answer.ok || answer.redirected) return;
    const { customer } = await answer.json();
    for (const [name, value] of Object.entries(customer || {})) {
      const field = form.elements[name];
      const isListed = !field.options || [...field.options].some((one) => one.value === value);
      if (isListed && (!field.value || name === "customer_language")) {
        field.value = value;
      }
    }
  };

  const typedIn = (row) => row.querySelector('[name$="-sku"]');

  const addRow = () => {
    const made = form.querySelector("[data-empty-row]").innerHTML;
    rows.insertAdjacentHTML("beforeend", made.replaceAll("__prefix__", count.value));
    count.value = String(Number(count.value) + 1);
    return rows.lastElementChild;
  };

  // There is always one empty row more.
  const grow = () => {
    const shown = [...rows.querySelectorAll("[data-row]")].filter((row) => !row.hidden);
    if (!shown.length || typedIn(shown[shown.length - 1]).value) {
      addRow();
    }
  };

  form.querySelector("[data-add-row]").addEventListener("click", (event) => {
    event.preventDefault();
    typedIn(addRow()).focus();
  });

  // Enter goes on: from a product to its quantity, from there to the next product. So do scanners.
  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-row]");
    if (event.key !== "Enter" || !row || event.target.type === "checkbox") {
      return;
    }
    event.preventDefault();
    grow();
    const isProduct = event.target === typedIn(row);
    const next = row.nextElementSibling || row;
    (isProduct ? row.querySelector('[name$="-quantity"]') : typedIn(next)).focus();
  });

  form.addEventListener("change", (event) => {
    if (event.target.name.endsWith("-DELETE")) {
      event.target.closest("[data-row]").hidden = event.target.checked;
    }
    if (event.target.name === "customer_email" && event.target.value.includes("@")) {
      fillCustomer(event.target.value);
    }
    grow();
    later();
  });
  form.addEventListener("input", (event) => {
    if (event.target.closest("[data-row]")) {
      grow();
    }
    later();
  });
  grow();
});
