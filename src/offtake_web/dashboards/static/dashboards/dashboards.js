/* The passport of a figure opens over the page; without this it is a page of its own. */
"use strict";

(() => {
  const dialog = document.getElementById("passport");
  const place = dialog?.querySelector("[data-content]");
  const open = async (link) => {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-passport-of]");
    if (!found) throw new Error("no passport");
    place.replaceChildren(document.adoptNode(found));
    dialog.showModal();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-passport]");
    if (!link || !place || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link).catch(() => location.assign(link.href));
  });
})();
