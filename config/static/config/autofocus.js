// Gives the keyboard to the field that asks for it. A browser forgets "autofocus" where the page
// is not drawn yet when it reads the field, as on a slow machine.
"use strict";

addEventListener("load", () => {
  const field = document.querySelector("#content [autofocus]");
  if (field && document.activeElement === document.body) {
    field.focus({ preventScroll: true });
  }
});
