"use strict";

// Every area that scrolls becomes a region for screen readers. Each is called by the page's
// title and its own heading, so that none is called like the section that it is in.
document.addEventListener("DOMContentLoaded", () => {
  const textOf = (heading) => heading.textContent.trim().replace(/\s+/g, " ");
  const title = document.querySelector("h1");
  for (const area of document.querySelectorAll("main [data-simplebar]")) {
    const group = area.closest(".inline-group, section, fieldset");
    const heading = group && group.querySelector("h2, h3, legend");
    const names = [title, heading].filter(Boolean).map(textOf);
    area.setAttribute("data-simplebar-aria-label", names.join(" – "));
  }
});
