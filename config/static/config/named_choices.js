"use strict";

// A field that is searched in is called as its label says; select2 makes it, and names it nothing.
document.addEventListener("DOMContentLoaded", () => {
  const main = document.querySelector("main");
  if (!main) return;

  function nameAll() {
    for (const select of main.querySelectorAll("select.select2-hidden-accessible")) {
      const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      const box = select.nextElementSibling?.querySelector("[role=combobox]");
      const shown = box?.querySelector("[role=textbox]");
      if (!label || !shown || label.id) continue;
      label.id = `${select.id}_label`;
      shown.setAttribute("aria-labelledby", label.id);
      box.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
    }
  }

  new MutationObserver(nameAll).observe(main, { childList: true, subtree: true });
  nameAll();
});
