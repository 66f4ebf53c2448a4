"use strict";

// While the box is ticked, the input beside it shows the inherited value and cannot be typed in.
// Without this script the form still works: the checkbox wins over the value in the input.
document.addEventListener("DOMContentLoaded", () => {
  const fieldsOf = (control) =>
    [...control.querySelectorAll(".use-config-value input, .use-config-value select")];
  const checkboxOf = (control) => control.querySelector(".use-config-choice input[type=checkbox]");

  const write = (control, text) => {
    const fields = fieldsOf(control);
    const period = /^P(\d+)([DWM])$/.exec(text);
    if (fields.length === 2 && period) {
      fields[0].value = period[1];
      fields[1].value = { D: "DAYS", W: "WEEKS", M: "MONTHS" }[period[2]];
    } else if (fields.length > 0) {
      fields[0].value = text;
    }
  };

  const follow = (control) => {
    const isTicked = checkboxOf(control).checked;
    for (const field of fieldsOf(control)) {
      field.disabled = isTicked;
    }
    control.classList.toggle("is-inherited", isTicked);
  };

  // What an option amounts to now: the inherited value where its box is ticked, else the input.
  const valueOf = (form, name) => {
    const control = form.querySelector(`[data-option="${name}"]`);
    if (!control) {
      return null;
    }
    return checkboxOf(control).checked ? control.dataset.inherited : fieldsOf(control)[0].value;
  };

  const showAndHide = (form) => {
    // Where one option is selected of all, none depends on another.
    if (form.querySelector("input[type=radio][name=option]")) {
      return;
    }
    const isUnmanaged = valueOf(form, "manage_stock") === "False";
    for (const control of form.querySelectorAll("[data-use-config]")) {
      const parent = control.dataset.shownWhen;
      const isParentOff = parent !== undefined && valueOf(form, parent) === "False";
      const isHidden = (isUnmanaged && "needsStock" in control.dataset) || isParentOff;
      control.hidden = isHidden;
      const line = control.closest(".field-line");
      if (line) {
        line.hidden = isHidden;
      }
    }
  };

  const kept = new WeakMap();
  const current = (control) => fieldsOf(control).map((field) => field.value);

  const start = (control) => {
    if (control.dataset.started || control.closest(".empty-form")) {
      return;
    }
    control.dataset.started = "";
    follow(control);
  };

  const startAll = () => document.querySelectorAll("[data-use-config]").forEach(start);

  document.addEventListener("change", (event) => {
    const control = event.target.closest("[data-use-config]");
    if (!control) {
      return;
    }
    if (event.target === checkboxOf(control)) {
      if (event.target.checked) {
        kept.set(control, current(control));
        write(control, control.dataset.inherited);
      } else if (kept.has(control)) {
        fieldsOf(control).forEach((field, index) => {
          field.value = kept.get(control)[index];
        });
      }
      follow(control);
      if (!event.target.checked) {
        fieldsOf(control)[0].focus();
      }
    }
    showAndHide(control.closest("form"));
  });

  document.addEventListener("formset:added", startAll);
  startAll();
  document.querySelectorAll("form").forEach(showAndHide);
});
