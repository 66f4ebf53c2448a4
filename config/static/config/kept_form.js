"use strict";

// What was entered before the session ended is shown in its form at once; nothing is saved by that.
// The form's own method is taken from its class: a field of it may be called "submit".
document.addEventListener("DOMContentLoaded", () => {
  const kept = document.querySelector("form[data-shown-again]");
  HTMLFormElement.prototype.submit.call(kept);
});
