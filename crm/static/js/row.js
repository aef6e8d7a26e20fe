// A click anywhere on a row opens it; text stays selectable; what is a control keeps its own click.
const CONTROL = "a,button,input,select,textarea,label,summary,details,form,[popover],dialog";

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.defaultPrevented || event.button || event.target.closest(CONTROL)) return;
  if (!getSelection().isCollapsed) return;
  open(row, event.ctrlKey || event.metaKey);
});

export const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
export const current = () => document.querySelector("[data-row-current]");

export function open(row, apart = false) {
  const link = row.querySelector("[data-row-link]") ?? row.querySelector("a[href]");
  if (!link) return;
  if (apart) window.open(link.href, "_blank", "noopener");
  else link.click();
}

export function peek(row) {
  row.querySelector("[data-row-peek]")?.click();
}

export function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  all[at]?.removeAttribute("data-row-current");
  next.setAttribute("data-row-current", "");
  next.querySelector("[data-row-link],a[href]")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}
