/* What every page does: the list of pages is folded on a phone, and charts are drawn. */
"use strict";

(() => {
  const around = document.querySelector("details.around");
  const narrow = window.matchMedia("(max-width: 60rem)");
  const fold = () => { if (around) around.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
})();
