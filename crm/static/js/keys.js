// Single keys, off while one types, and off for good in this browser when switched off in the list of keys (WCAG 2.1.4).
import { openPalette } from "./palette.js";
import { current, open, peek, step } from "./row.js";
import { switchBy } from "./switch.js";

const STORE = "keys";
const off = () => document.body.dataset.shortcuts === "off" || localStorage.getItem(STORE) === "off";
const typing = (target) => target.isContentEditable || target.closest("input:not([type=checkbox],[type=radio]),textarea,select");

let waitsForPlace = 0;

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return palette(event);
  if (off() || typing(target) || document.querySelector("dialog[open],[popover]:popover-open")) return;

  if (Date.now() - waitsForPlace < 1500) {
    waitsForPlace = 0;
    const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (place) return act(event, () => place.click());
  }
  switch (key) {
    case "g": return void (waitsForPlace = Date.now());
    case "/": return act(event, () => focus("[data-focus-key='/']"));
    case "j": return act(event, () => beside("next") || switchBy(1) || step(1));
    case "k": return act(event, () => beside("prev") || switchBy(-1) || step(-1));
    case "Enter": return current() && target === document.body ? act(event, () => open(current())) : undefined;
    case " ": return current()?.contains(target) || (current() && target === document.body) ? act(event, () => peek(current())) : undefined;
    case "n": return act(event, note);
    case "z": return [...document.querySelectorAll("[data-undo]")].at(-1)?.click();
    case "?": return act(event, () => document.getElementById("shortcuts")?.showModal());
  }
  const button = document.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (button && key.length === 1) act(event, () => (button.matches("input,textarea") ? button.focus() : button.click()));
});

// One thing of a view has its neighbours in its title line; a list has its rows.
function beside(way) {
  const link = document.querySelector(`.heading [rel="${way}"]`);
  link?.click();
  return link;
}

function act(event, what) {
  event.preventDefault();
  what();
}

function palette(event) {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  act(event, openPalette);
}

function focus(selector) {
  const field = document.querySelector(selector);
  if (field?.offsetParent) field.select();
  else document.querySelector(".rail__search-link")?.click();
}

function note() {
  const form = document.querySelector("[data-note-form]");
  if (!form) return document.querySelector('[aria-keyshortcuts="n"]')?.click();
  form.scrollIntoView({ block: "center" });
  form.querySelector("textarea,input:not([type=hidden])")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-note]");
  if (link && document.querySelector("[data-note-form]")) act(event, note);
});

for (const box of document.querySelectorAll("[data-shortcuts-switch]")) {
  box.checked = !off();
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(STORE) : localStorage.setItem(STORE, "off")));
}
