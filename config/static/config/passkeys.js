/* Asks the browser for a passkey when its button is pressed; what the page has to say of a failure
   is in the page. */
const button = document.querySelector("[data-passkey]");
if (button) {
  const ids = { credential: button.dataset.credential, data: "passkey-data" };
  const form = window.allauth.webauthn.forms;
  const error = document.getElementById("passkey-error");
  button.addEventListener("click", () => {
    error.hidden = true;
  });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    error.hidden = false;
  });
  if (button.dataset.passkey === "add") {
    form.addForm({ ids: { ...ids, add: button.id } });
  } else {
    form.authenticateForm({ ids: { ...ids, authenticate: button.id } });
  }
}
