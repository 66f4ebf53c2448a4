"use strict";

// Alpine's build for a strict policy evaluates no script: it knows neither global functions nor
// several statements in one attribute. What the theme's templates call is registered here.
document.addEventListener("alpine:init", () => {
  Alpine.data("theme", (scheme) => ({
    ...theme(scheme),
    moveRecords: (event) => moveRecords(event),
    sortRecords: (event) => sortRecords(event),
    window: {
      get location() {
        return { pathname: window.location.pathname, search: window.location.search };
      },
    },
  }));

  Alpine.data("layout", (firstTab) => ({
    activeTab: firstTab,
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
    init() {
      this.activeTab = (firstTab && getCurrentTab()) || firstTab;
      this.$watch("sidebarDesktopOpen", (isOpen) => {
        localStorage.setItem("sidebarDesktopOpen", isOpen ? "1" : "0");
      });
    },
  }));
});
