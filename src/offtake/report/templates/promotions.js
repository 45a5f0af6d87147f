const page = JSON.parse(byId("pictures").textContent);
const named = (columns, rows) => rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
const FEW = 10;

/* Numbers as the rest of the page writes them. */
function cell(value) {
  if (value === null) return "–";
  if (typeof value !== "number") return String(value);
  const places = Math.abs(value) < FEW && !Number.isInteger(value) ? 1 : 0;
  const text = Math.abs(value).toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/* Rows with their names; those of stores hold numbers of a store and a status. */
function rowsOf(picture) {
  const stores = picture.stores.map(([store, status, ...rest]) => [...page.stores[store], page.statuses[status], ...rest]);
  const rows = { ...picture, stores };
  return Object.fromEntries(Object.entries(page.columns).map(([name, columns]) => [name, named(columns, rows[name])]));
}

function tableRow(row, columns) {
  const line = document.createElement("tr");
  columns.forEach((name, place) => {
    const each = document.createElement(place ? "td" : "th");
    if (!place) each.scope = "row";
    if (place && typeof row[name] !== "string") each.className = "number";
    each.textContent = cell(row[name]);
    line.append(each);
  });
  return line;
}

function fact([name, value]) {
  const group = document.createElement("div");
  group.append(Object.assign(document.createElement("dt"), { textContent: name }));
  group.append(Object.assign(document.createElement("dd"), { textContent: value }));
  return group;
}

const advice = (text) => Object.assign(document.createElement("li"), { textContent: text });

function write(picture, rows) {
  for (const each of document.querySelectorAll("#picture [data-text]")) each.textContent = picture[each.dataset.text];
  document.querySelector('[data-list="facts"]').replaceChildren(...picture.facts.map(fact));
  document.querySelector('[data-list="advice"]').replaceChildren(...picture.advice.map(advice));
  for (const each of document.querySelectorAll("[data-rows]")) {
    each.replaceChildren(...rows[each.dataset.rows].map((row) => tableRow(row, each.dataset.columns.split(" "))));
  }
}

const views = new Map();

/* Each chart is drawn up once; a promotion's rows are put in as its data. */
async function draw(rows) {
  for (const element of document.querySelectorAll("[data-picture]")) {
    const name = element.dataset.picture;
    views.get(name)?.finalize();
    const spec = painted(specs[name]);
    spec.datasets = { ...spec.datasets, [name]: rows[name], regions: rows.regions };
    if (name === "stores") spec.height *= Math.max(1, ...rows.stores.map((row) => row.row + 1));
    views.set(name, await drawn(element, spec));
  }
}

function mark(name) {
  for (const link of document.querySelectorAll(".choose")) {
    const chosen = link.dataset.promotion === name;
    link.closest("tr").classList.toggle("chosen", chosen);
    if (chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/* One after the other, so that a quick second choice is what stays. */
let turn = Promise.resolve();
function choose(name) {
  turn = turn.then(async () => {
    const picture = page.pictures[name];
    delete document.documentElement.dataset.shown;
    const rows = rowsOf(picture);
    mark(name);
    write(picture, rows);
    await draw(rows);
    document.documentElement.dataset.shown = name;
  });
  return turn;
}

function wanted() {
  const name = location.hash.startsWith("#promotion-") ? location.hash.slice("#promotion-".length) : "";
  const known = [name, decodeURIComponent(name)];
  return known.find((each) => Object.hasOwn(page.pictures, each));
}

async function follow() {
  const name = wanted();
  if (name === undefined) return;
  await choose(name);
  byId("picture-title").focus({ preventScroll: true });
  byId("picture").scrollIntoView();
}

for (const link of document.querySelectorAll(".choose")) {
  // The address stays the same when the chosen one is chosen again; it is to be shown all the same.
  link.addEventListener("click", () => link.hash === location.hash && follow());
}
window.addEventListener("hashchange", follow);

/* Filters */
const lines = [...document.querySelectorAll("#events tbody tr")];
const by = { retailer: byId("by-retailer"), verdict: byId("by-verdict"), words: byId("by-words") };

function filter() {
  const words = (by.words?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  for (const line of lines) {
    const meets = ["retailer", "verdict"].every((name) => !by[name]?.value || line.dataset[name] === by[name].value);
    line.hidden = !(meets && words.every((word) => line.dataset.words.includes(word)));
  }
  byId("count").textContent = `${lines.filter((line) => !line.hidden).length} of ${lines.length} shown`;
}

if (lines.length) {
  byId("filters").hidden = false;
  for (const each of Object.values(by)) each?.addEventListener("input", filter);
  filter();
  await choose(wanted() ?? Object.keys(page.pictures)[0]);
  if (wanted() !== undefined) byId("picture").scrollIntoView();
}
document.documentElement.dataset.ready = "charts";
