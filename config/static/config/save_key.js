"use strict";

// Ctrl-Enter saves the form that has the focus, by its first button: as a click on it would.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest("form");
  if (!form || form.method !== "post") return;
  const buttons = [...form.elements].filter((part) => part.type === "submit" && !part.disabled);
  const button = buttons.find((part) => part.name === "_save") ?? buttons[0];
  if (!button) return;
  event.preventDefault();
  button.click();
});
