// The bar of chosen rows: how many, the whole page by one box, "x" for the row one stands on. Without this file the boxes
// and the bar work as a plain form.
import { current } from "./row.js";

const boxes = () => [...document.querySelectorAll("[data-pick]")];
const all = () => document.querySelector("[data-pick-all]");

document.addEventListener("change", ({ target }) => {
  if (target === all()) boxes().forEach((box) => (box.checked = target.checked));
  if (target.matches("[data-pick]") || target === all() || target.matches("[data-bulk-every]")) tell();
});

function tell() {
  const listed = boxes();
  const chosen = listed.filter((box) => box.checked).length;
  if (all()) {
    all().checked = chosen === listed.length && chosen > 0;
    all().indeterminate = chosen > 0 && chosen < listed.length;
  }
  const text = document.querySelector("[data-bulk-count]");
  const every = document.querySelector("[data-bulk-every]");
  if (!text) return;
  const many = every?.checked ? Number(every.dataset.count) : chosen;
  text.textContent = many === 1 ? text.dataset.one : text.dataset.many.replace("{n}", many.toLocaleString(document.documentElement.lang));
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.shortcuts === "off") return;
  if (event.target.closest("input:not([type=checkbox]),textarea,select")) return;
  const box = current()?.querySelector("[data-pick]");
  if (!box) return;
  event.preventDefault();
  box.click();
});
