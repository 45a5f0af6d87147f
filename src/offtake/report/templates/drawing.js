/* Charts: colours become the page's variables, so that light, dark and print need no redrawing. */
const colours = JSON.parse(byId("colours").textContent);
const variables = Object.fromEntries(Object.entries(colours).map(([name, code]) => [code, `var(--${name})`]));
const painted = (text) => JSON.parse(text, (_, value) => variables[value] ?? value);
const specs = JSON.parse(byId("charts").textContent);
/* The interpreter of expressions needs no right to make code from text. */
const drawn = (element, spec) => window.vegaEmbed(element, spec, { actions: false, renderer: "svg", ast: true, logLevel: 1 });
