"use strict";

// Shows the fields that the chosen fulfillment method asks for: a store, or an address.
document.addEventListener("DOMContentLoaded", () => {
  const method = document.querySelector('select[name="fulfillment_method"]');
  const store = document.querySelector('[data-field="pickup_source"]');
  if (!method || !store) {
    return;
  }
  const followMethod = () => {
    const isPickup = method.value === "PICKUP";
    store.hidden = !isPickup;
    for (const input of store.querySelectorAll("select, input")) {
      input.disabled = !isPickup;
    }
    for (const part of document.querySelectorAll("[data-address]")) {
      part.hidden = isPickup;
    }
  };
  method.addEventListener("change", followMethod);
  followMethod();
});
