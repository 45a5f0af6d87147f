/* Moving plans on the timeline: by pointer (mouse, pen, finger) and by keyboard. The server decides: what it refuses
   goes back to where it was, and the reason stands above the table. Without this script the bars are plain links. */
"use strict";

(() => {
  const DAY = 86_400_000;
  const EDGE = 10;
  const timeline = document.getElementById("timeline");
  const says = document.getElementById("timeline-says");
  const refused = document.getElementById("timeline-refused");
  if (!timeline) return;
  const rtl = document.documentElement.dir === "rtl";
  // Days in the order of the rest of the workspace, which is not the American one.
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const written = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });

  const day = (text) => Date.parse(`${text}T00:00:00Z`);
  const iso = (moment) => new Date(moment).toISOString().slice(0, 10);
  const daysOf = (bar) => ({ first: day(bar.dataset.first), last: day(bar.dataset.last) });
  const nameOf = (bar) => bar.querySelector(".name").textContent;
  const sentence = (words, bar, days) => words
    .replace("{name}", nameOf(bar)).replace("{first}", written.format(days.first)).replace("{last}", written.format(days.last));
  const week = () => timeline.querySelector("thead th.week").getBoundingClientRect().width;

  /* What is under way with a bar: the days it would have; null where nothing is. */
  let held = null;
  const tip = document.createElement("p");
  tip.className = "day-tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);

  const show = () => {
    const { bar, days, was, width } = held;
    const shift = ((days.first - was.first) / DAY) * (week() / 7);
    const longer = ((days.last - days.first - was.last + was.first) / DAY) * (week() / 7);
    bar.classList.add("moving");
    bar.style.transform = `translateX(${rtl ? -shift : shift}px)`;
    bar.style.inlineSize = `${Math.max(8, width + longer)}px`;
    tip.textContent = `${written.format(days.first)} – ${written.format(days.last)}`;
    tip.hidden = false;
  };
  const putBack = () => {
    if (!held) return;
    const { bar } = held;
    bar.classList.remove("moving", "saving");
    bar.style.transform = bar.style.inlineSize = "";
    tip.hidden = true;
    held = null;
  };
  const hold = (bar) => {
    if (held && held.bar !== bar) putBack();
    held ??= { bar, was: daysOf(bar), days: daysOf(bar), width: bar.getBoundingClientRect().width };
  };
  const changed = () => held && (held.days.first !== held.was.first || held.days.last !== held.was.last);
  const move = (first, last) => {
    const days = { first: held.days.first + first * DAY, last: held.days.last + last * DAY };
    if (days.last >= days.first) held.days = days;
    show();
  };
  const say = (words) => { says.textContent = words; };

  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const send = (bar, days) => fetch(`${timeline.dataset.move}${bar.dataset.plan}/days/`, {
    method: "POST",
    headers: { "X-CSRFToken": token(), Accept: "application/json" },
    body: new URLSearchParams({ version: bar.dataset.version, first_day: iso(days.first), last_day: iso(days.last) }),
  });
  const refresh = async (plan) => {
    const answer = await fetch(window.location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("timeline");
    if (!fresh) { window.location.reload(); return; }
    const { scrollLeft, scrollTop } = timeline;
    timeline.replaceChildren(...fresh.childNodes);
    timeline.scrollTo(scrollLeft, scrollTop);
    timeline.querySelector(`[data-plan="${plan}"]`)?.focus({ preventScroll: true });
  };
  /* What was saved stays in sight for a while, with the way back: a finger moves a plan sooner than one thinks. */
  const saved = document.getElementById("timeline-saved");
  let undone = null;
  const offer = (plan, words, was) => {
    undone = { plan, was };
    saved.querySelector("span").textContent = words;
    saved.hidden = false;
  };
  saved.querySelector("button").addEventListener("click", () => {
    const bar = timeline.querySelector(`[data-plan="${undone.plan}"]`);
    saved.hidden = true;
    if (!bar) return;
    hold(bar);
    held.days = { ...undone.was };
    show();
    save();
  });
  const save = async () => {
    saved.hidden = true;
    const { bar, days, was } = held;
    const name = bar;
    bar.classList.add("saving");
    say(sentence(timeline.dataset.saving, name, days));
    refused.replaceChildren();
    let answer;
    let said = {};
    try {
      answer = await send(bar, days);
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) said = await answer.json();
    } catch {
      answer = { ok: false };
    }
    const spoken = answer.ok ? sentence(timeline.dataset.saved, name, days) : sentence(timeline.dataset.back, name, was);
    putBack();
    if (answer.status === 401) document.dispatchEvent(new Event("session-ended"));
    if (answer.ok || said.stale) await refresh(bar.dataset.plan);
    if (answer.ok) offer(bar.dataset.plan, spoken, was); else refuse(said);
    say(spoken);
  };
  const refuse = (said) => {
    const box = document.createElement("div");
    box.className = "message error";
    const reason = document.createElement("p");
    reason.textContent = said.reason ?? timeline.dataset.failed;
    box.append(reason);
    if (said.versions) box.append(compare(said.versions));
    refused.replaceChildren(box);
  };
  const compare = (versions) => {
    const table = document.createElement("table");
    versions.forEach(({ label, first_day, last_day, by }) => {
      const row = table.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = label;
      row.append(head);
      row.insertCell().textContent = `${written.format(day(first_day))} – ${written.format(day(last_day))}`;
      row.insertCell().textContent = by ?? "";
    });
    return table;
  };

  /* Pointer */
  let grip = null;
  let dragged = false;
  const atEdge = (bar, x) => {
    const { left, right } = bar.getBoundingClientRect();
    if (right - left < 3 * EDGE) return "all";
    if (x > right - EDGE) return rtl ? "first" : "last";
    if (x < left + EDGE) return rtl ? "last" : "first";
    return "all";
  };
  timeline.addEventListener("pointerdown", (event) => {
    const bar = event.target.closest("[data-plan]");
    if (!bar || event.button !== 0 || bar.classList.contains("saving")) return;
    dragged = false;
    hold(bar);
    held.days = { ...held.was };
    grip = { x: event.clientX + timeline.scrollLeft, edge: atEdge(bar, event.clientX), pointer: event.pointerId };
  });
  timeline.addEventListener("pointermove", (event) => {
    if (!grip || event.pointerId !== grip.pointer || !held) return;
    const pixels = (event.clientX + timeline.scrollLeft - grip.x) * (rtl ? -1 : 1);
    if (!dragged && Math.abs(pixels) < 4) return;
    if (!dragged) held.bar.setPointerCapture(grip.pointer);
    dragged = true;
    const days = Math.round(pixels / (week() / 7));
    held.days = { ...held.was };
    move(grip.edge === "last" ? 0 : days, grip.edge === "first" ? 0 : days);
  });
  timeline.addEventListener("pointerup", () => {
    if (!grip) return;
    grip = null;
    if (dragged && changed()) save(); else putBack();
  });
  timeline.addEventListener("pointercancel", () => { grip = null; putBack(); });
  timeline.addEventListener("dragstart", (event) => event.preventDefault());
  timeline.addEventListener("click", (event) => {
    if (dragged && event.target.closest("[data-plan]")) event.preventDefault();
    dragged = false;
  }, true);

  /* Keyboard */
  const steps = { ArrowLeft: rtl ? 1 : -1, ArrowRight: rtl ? -1 : 1, ArrowUp: -7, ArrowDown: 7 };
  timeline.addEventListener("keydown", (event) => {
    const bar = event.target.closest("[data-plan]");
    if (!bar || event.ctrlKey || event.metaKey || event.altKey || bar.classList.contains("saving")) return;
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      hold(bar);
      move(event.shiftKey ? 0 : step, step);
      say(sentence(timeline.dataset.moved, bar, held.days));
    } else if (event.key === "Enter" && changed()) {
      event.preventDefault();
      save();
    } else if (event.key === "Escape" && held) {
      event.preventDefault();
      say(sentence(timeline.dataset.back, bar, held.was));
      putBack();
    }
  });
  timeline.addEventListener("focusout", () => {
    if (held && !grip && !held.bar.classList.contains("saving")) {
      say(sentence(timeline.dataset.back, held.bar, held.was));
      putBack();
    }
  });

  timeline.classList.add("movable");
  const now = timeline.querySelector("thead th[aria-current]");
  if (now) timeline.scrollLeft = (rtl ? -1 : 1) * Math.max(0, Math.abs(now.offsetLeft) - timeline.clientWidth / 2);
})();
