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
  // A form on its way is not sent again by a second click.
  const once = (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (Date.now() - (form.dataset.sent ?? 0) < 5000) event.preventDefault();
    else form.dataset.sent = Date.now();
  };
  const again = () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  // Why a request of a script came to nothing; a session that has ended is a reason of its own.
  const tell = (failed, status) => {
    const ended = failed && status === 401;
    for (const [id, shown] of [["request-failed", failed && !ended], ["session-ended", ended]]) {
      const said = document.getElementById(id);
      if (said) said.hidden = !shown;
    }
  };
  document.addEventListener("click", open);
  document.addEventListener("submit", ask);
  document.addEventListener("submit", once);
  window.addEventListener("pageshow", again);
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, (event) => tell(true, event.detail.xhr?.status));
  document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.successful) tell(false); });
  document.addEventListener("session-ended", () => tell(true, 401));
})();
