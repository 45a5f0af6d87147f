for (const element of document.querySelectorAll("[data-chart]")) {
  await drawn(element, painted(specs[element.dataset.chart]));
}
document.documentElement.dataset.ready = "charts";
