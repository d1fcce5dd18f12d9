// The desk with a script: it answers as fields change, and goes to what is asked next. Without it the form does the same.
"use strict";

const sheet = document.querySelector("form[data-desk]");
const panel = document.getElementById("answer");
const silent = sheet.querySelector("[data-silent]");
// The letters of yes and no in both languages, and where fingers find them on either keyboard.
const KEYS = { j: "yes", y: "yes", "д": "yes", "о": "yes", n: "no", "н": "no", "т": "no", "?": "?" };
let turn = 0;
let typed = 0;
let byArrow = false;
let leaving = null;

for (const one of sheet.querySelectorAll("[data-unscripted]")) one.hidden = true;

const fieldOf = (name) => sheet.querySelector(`[data-field="${CSS.escape(name)}"]`);

function goTo(name) {
  const field = name && fieldOf(name);
  if (!field) return;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  const control = field.querySelector("input:checked") ?? field.querySelector("input, select, textarea");
  control.focus();
  field.scrollIntoView({ block: "nearest" });
}

function goToNext() {
  goTo(panel.querySelector("[data-next]")?.dataset.next);
}

function mark() {
  const faults = new Map([...panel.querySelectorAll("[data-fault]")].map((one) => [one.dataset.fault, one.querySelector("span").textContent]));
  for (const field of sheet.querySelectorAll("[data-field]")) {
    const text = faults.get(field.dataset.field) ?? "";
    field.querySelector(".fault").textContent = text;
    for (const one of field.querySelectorAll("input, textarea, select")) one.toggleAttribute("aria-invalid", false);
    if (text) field.querySelector("input, textarea, select").setAttribute("aria-invalid", "true");
    field.classList.toggle("asked", field.dataset.field === panel.querySelector("[data-next]")?.dataset.next);
  }
}

async function ask({ goes }) {
  const mine = ++turn;
  const seen = typed;
  const body = new URLSearchParams(new FormData(sheet));
  body.set("fragment", "1");
  try {
    const answer = await fetch(sheet.dataset.desk, { method: "POST", body, headers: { Accept: "text/html" } });
    if (mine !== turn) return;
    if (!answer.ok) throw new Error(String(answer.status));
    panel.innerHTML = await answer.text();
    silent.hidden = true;
  } catch {
    silent.hidden = false;
    return;
  }
  mark();
  if (goes && seen === typed) goToNext();
}

sheet.addEventListener("input", () => { typed += 1; });

sheet.addEventListener("keydown", (event) => {
  const at = event.target;
  byArrow = event.key.startsWith("Arrow");
  if (event.key === "Enter" && at.tagName === "TEXTAREA" && !event.shiftKey) {
    event.preventDefault();
    sheet.requestSubmit();
  }
  if (at.type !== "radio" || event.ctrlKey || event.altKey || event.metaKey) return;
  const said = KEYS[event.key.toLowerCase()];
  if (!said) return;
  event.preventDefault();
  for (const one of sheet.querySelectorAll(`[name="${CSS.escape(at.name)}"]`)) if (one.value === said) one.checked = true;
  typed += 1;
  ask({ goes: true });
});

// An arrow passes over answers on its way: the field is left by Tab. Any other answer leads on by itself, from the
// field that was asked for; who answers another goes his own way.
sheet.addEventListener("change", (event) => {
  const field = event.target.closest("[data-field]");
  const wasAsked = field?.dataset.field === panel.querySelector("[data-next]")?.dataset.next;
  leaving = byArrow && event.target.type === "radio" && wasAsked ? field : null;
  ask({ goes: wasAsked && !leaving });
});

sheet.addEventListener("focusout", (event) => {
  if (!leaving || leaving.contains(event.relatedTarget)) return;
  leaving = null;
  if (event.relatedTarget) setTimeout(goToNext);
});

panel.addEventListener("click", (event) => {
  const link = event.target.closest("[data-goes]");
  if (!link) return;
  event.preventDefault();
  goTo(link.dataset.goes);
});

// What was typed and not saved is not left behind unasked.
sheet.querySelector("[data-leaves]").addEventListener("click", (event) => {
  if (typed > 0 && !window.confirm(event.currentTarget.dataset.leaves)) event.preventDefault();
});

mark();
