const byId = (id) => document.getElementById(id);
const tip = byId("tip");
const dialog = byId("passport");
const passportOf = (name) => byId(`passport-${name}`);

/* Definitions: on hover over a figure or its heading, and on focus of the heading. */
let tipTimer = 0;

function place(anchor) {
  const box = anchor.getBoundingClientRect();
  const width = tip.offsetWidth;
  const left = Math.max(12, Math.min(box.left, document.documentElement.clientWidth - width - 12));
  const below = box.bottom + 6 + tip.offsetHeight <= window.innerHeight || box.top < tip.offsetHeight + 12;
  const top = below ? box.bottom + 6 : box.top - tip.offsetHeight - 6;
  tip.style.left = `${left + window.scrollX}px`;
  tip.style.top = `${top + window.scrollY}px`;
}

function showTip(anchor) {
  const passport = passportOf(anchor.dataset.passport);
  if (!passport || dialog.open) return;
  clearTimeout(tipTimer);
  const more = document.createElement("small");
  more.textContent = "Click, tap or press Enter on the heading for the passport.";
  tip.replaceChildren(passport.querySelector(".definition").textContent, more);
  tip.hidden = false;
  place(anchor);
  if (anchor.matches("a")) anchor.setAttribute("aria-describedby", "tip");
}

function hideTip() {
  clearTimeout(tipTimer);
  tip.hidden = true;
  document.querySelectorAll('[aria-describedby="tip"]').forEach((each) => each.removeAttribute("aria-describedby"));
}

function hideTipSoon() {
  clearTimeout(tipTimer);
  tipTimer = setTimeout(hideTip, 150);
}

/* The passport: on click, tap or Enter. Without this script the link leads to the same text. */
function openPassport(name) {
  const passport = passportOf(name);
  hideTip();
  byId("passport-title").textContent = passport.querySelector("summary").textContent;
  byId("passport-body").replaceChildren(passport.querySelector("dl").cloneNode(true));
  dialog.showModal();
}

for (const each of document.querySelectorAll("[data-passport]")) {
  each.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") {
      clearTimeout(tipTimer);
      tipTimer = setTimeout(() => showTip(each), 250);
    }
  });
  each.addEventListener("pointerleave", hideTipSoon);
  if (each.matches("a")) {
    each.addEventListener("focus", () => each.matches(":focus-visible") && showTip(each));
    each.addEventListener("blur", hideTip);
    each.addEventListener("click", (event) => {
      event.preventDefault();
      openPassport(each.dataset.passport);
    });
  }
}
tip.addEventListener("pointerenter", () => clearTimeout(tipTimer));
tip.addEventListener("pointerleave", hideTipSoon);
document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

/* A link to a passport from elsewhere opens it in the list. */
function openTarget() {
  const target = location.hash.startsWith("#passport-") && byId(location.hash.slice(1));
  if (target) target.open = true;
}
window.addEventListener("hashchange", openTarget);
openTarget();
