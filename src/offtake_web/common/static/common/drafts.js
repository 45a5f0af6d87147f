/* What somebody types into <form data-draft="KEY"> stays in this tab of the browser until it is saved: a session that
   ends meanwhile, or a page left by mistake, loses nothing. A form that shows what was sent says data-draft-shown. */
"use strict";

(() => {
  const PREFIX = "draft ";
  const kept = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  const read = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
  const drop = (key) => sessionStorage.removeItem(key);

  // What another person typed here goes when somebody else has signed in.
  const mine = ` ${document.body.dataset.person}`;
  kept().filter((key) => !key.endsWith(mine)).forEach(drop);
  // What was sent, and is saved now, is kept no longer; nor is anything after signing out.
  if (document.querySelector(".message.success:not([hidden])")) kept().filter((key) => read(key).sent).forEach(drop);
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.ends === "session") kept().forEach(drop);
  });

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = PREFIX + form.dataset.draft;
  const fields = () => [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  const words = (box) => box.closest("label")?.textContent.trim() ?? "";
  const labels = () => Object.fromEntries([...form.querySelectorAll("input:checked")].map((box) => [`${box.name} ${box.value}`, words(box)]));
  const keep = (sent) => sessionStorage.setItem(key, JSON.stringify({ fields: fields(), labels: labels(), sent }));

  // Choices that a search had added are not in a fresh form: they come back beside those that are.
  const addBox = (name, value, label) => {
    const like = [...form.querySelectorAll("input[type=checkbox]")].find((box) => box.name === name)?.closest("label")?.parentElement;
    if (!like || !label) return;
    const added = like.cloneNode(true);
    const box = added.querySelector("input");
    box.value = value;
    box.id = added.querySelector("label").htmlFor = `${name}-${value}`;
    box.nextSibling?.remove();
    box.after(` ${label}`);
    like.after(added);
  };
  const putBack = (draft) => {
    const left = draft.fields.map((pair) => [...pair]);
    const take = (name) => left.splice(left.findIndex(([each]) => each === name), 1)[0][1];
    const has = (name) => left.some(([each]) => each === name);
    const boxes = new Set([...form.elements].filter((each) => each.type === "checkbox").map((each) => each.name));
    for (const [name, value] of left.filter(([each]) => boxes.has(each))) {
      if (![...form.elements].some((each) => each.name === name && each.value === value)) addBox(name, value, draft.labels[`${name} ${value}`]);
    }
    for (const each of form.elements) {
      if (each.type === "checkbox") each.checked = left.some(([name, value]) => name === each.name && value === each.value);
      else if (each.name !== "csrfmiddlewaretoken" && each.type !== "submit" && has(each.name)) each.value = take(each.name);
    }
  };

  const draft = read(key);
  const told = document.getElementById("draft-back");
  if (draft && !("draftShown" in form.dataset) && JSON.stringify(draft.fields) !== JSON.stringify(fields())) {
    putBack(draft);
    told.hidden = false;
    window.addEventListener("load", () => form.dispatchEvent(new Event("change", { bubbles: true })));
  }
  told.querySelector("button").addEventListener("click", () => { drop(key); location.replace(location.href); });
  for (const name of ["input", "change"]) form.addEventListener(name, () => keep(false));
  form.addEventListener("submit", () => keep(true));
  document.addEventListener("click", (event) => { if (event.target.closest("[data-draft-drop]")) drop(key); });
})();
