"use strict";

// Ctrl-Enter saves the form that has the focus, as a click on its main button would: the one that
// stands out, or else the first.
const MAIN_BUTTON = '[name="_save"], .is-main, .is-primary, .supply-button:not(.is-quiet)';

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest("form");
  if (!form || form.method !== "post") return;
  const buttons = [...form.elements].filter((part) => part.type === "submit" && !part.disabled);
  const button = buttons.find((part) => part.matches(MAIN_BUTTON)) ?? buttons[0];
  if (!button) return;
  event.preventDefault();
  button.click();
});
