/* Draws every <figure data-chart="ID"> from the JSON in the element of that id; colours become the page's variables,
   so that light and dark need no redrawing. The interpreter of expressions needs no right to make code from text. */
"use strict";

(() => {
  const variables = {
    "#1c2321": "var(--text)", "#55605d": "var(--soft)", "#d5dad7": "var(--line)", "#ffffff": "var(--card)",
    "#8b9692": "var(--neutral)", "#8a2f6b": "var(--marketing)", "#0b5c55": "var(--sales)", "#7a4a00": "var(--warn)",
  };
  const painted = (text) => JSON.parse(text, (_, value) => variables[value] ?? value);
  const draw = async (figure) => {
    const source = document.getElementById(figure.dataset.chart);
    const place = figure.querySelector("[data-plot]");
    if (!source || !place || figure.dataset.drawn) return;
    figure.dataset.drawn = "yes";
    try {
      await window.vegaEmbed(place, painted(source.textContent), {
        actions: false, renderer: "svg", ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true }, logLevel: 1,
        // A line at nought says nothing: it is not offered to a screen reader as a picture.
        config: { rule: { aria: false } },
      });
    } catch (error) {
      figure.dataset.failed = "yes";
      console.warn("chart not drawn", error.message);
    }
  };
  const all = (root) => root.querySelectorAll("figure[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("htmx:load", (event) => all(event.target));
})();
