"use strict";

// Renews the figures of a running job, and loads the page again once it is over.
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-job]");
  if (!page) {
    return;
  }
  const bar = page.querySelector("progress");
  const write = (name, text) => {
    const field = page.querySelector(`[data-job-${name}]`);
    if (field.textContent !== text) {
      field.textContent = text;
    }
  };

  const ask = async () => {
    try {
      const answer = await fetch(page.dataset.job, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const figures = await answer.json();
        if (figures.is_finished) {
          window.location.reload();
          return;
        }
        bar.value = figures.percentage;
        bar.setAttribute("aria-valuenow", figures.percentage);
        write("percentage", `${figures.percentage} %`);
        write("sentence", figures.sentence);
        write("pace", figures.pace);
        write("state", figures.state_label);
      }
    } catch (error) {
      // Offline, or the page is being left: the last figures stay.
      if (!(error instanceof TypeError)) {
        throw error;
      }
    }
    window.setTimeout(ask, 1000);
  };

  window.setTimeout(ask, 1000);
});
