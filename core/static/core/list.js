"use strict";

// Lists with scripts: menus that close, a drawer that takes the focus, a head that stays in sight.
document.addEventListener("DOMContentLoaded", () => {
  for (const area of document.querySelectorAll("[data-list-scroll]")) keepHead(area);
  closeMenus([...document.querySelectorAll(".list-drop")]);
  for (const drawer of document.querySelectorAll("[data-drawer]")) openDrawer(drawer);
});

// A head stays in sight only where nothing scrolls sideways; columns come and go with the width.
function keepHead(area) {
  const table = area.querySelector("table");
  const measure = () => area.classList.toggle("is-whole", table.offsetWidth <= area.clientWidth);
  new ResizeObserver(measure).observe(area);
  measure();
}

// One menu is open at a time; a click elsewhere, or Escape, closes it.
function closeMenus(drops) {
  document.addEventListener("click", (event) => {
    for (const drop of drops) if (!drop.contains(event.target)) drop.open = false;
  });
  for (const drop of drops) {
    drop.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      drop.open = false;
      drop.querySelector("summary").focus();
    });
  }
}

// The drawer takes the focus when it opens, and gives it back when it closes.
function openDrawer(drawer) {
  const summary = drawer.querySelector("summary");
  const close = () => {
    drawer.open = false;
    summary.focus();
  };
  drawer.addEventListener("toggle", () => {
    if (drawer.open) drawer.querySelector("[data-drawer-close]").focus();
  });
  drawer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  drawer.querySelector("[data-drawer-close]").addEventListener("click", (event) => {
    event.preventDefault();
    close();
  });
  document.addEventListener("click", (event) => {
    if (drawer.open && !drawer.contains(event.target)) drawer.open = false;
  });
}
