/* What every page does beyond what HTML does by itself. Pages work without it. */
"use strict";

(() => {
  // <a href="…" data-dialog="ID"> opens that dialog; without a script the link leads to a page.
  const open = (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
  };
  // <button data-confirm="Sure?"> asks before its form is sent.
  const ask = (event) => {
    const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  };
  const tell = (failed) => {
    const said = document.getElementById("request-failed");
    if (said) said.hidden = !failed;
  };
  document.addEventListener("click", open);
  document.addEventListener("submit", ask);
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => tell(true));
  document.addEventListener("htmx:afterOnLoad", () => tell(false));
})();
