/* Filters: what is chosen must be met, and every word must be there. */
const lines = [...document.querySelectorAll("#alarms tbody tr")];
const filters = [...document.querySelectorAll("[data-filter]")];

function meets(line, { dataset: { filter }, value }) {
  if (filter !== "words") return !value || line.dataset[filter] === value;
  return value.toLowerCase().split(/\s+/).filter(Boolean).every((word) => line.dataset.words.includes(word));
}

function filter() {
  for (const line of lines) line.hidden = !filters.every((each) => meets(line, each));
  byId("count").textContent = `${lines.filter((line) => !line.hidden).length} of ${lines.length} shown`;
}

if (lines.length) {
  byId("filters").hidden = false;
  for (const each of filters) each.addEventListener("input", filter);
  filter();
}
for (const element of document.querySelectorAll("[data-chart]")) {
  await drawn(element, painted(specs[element.dataset.chart]));
}
document.documentElement.dataset.ready = "lines";
