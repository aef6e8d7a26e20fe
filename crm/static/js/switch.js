// Quick switch: a record opened from a list knows its neighbours there, so that a portfolio is gone through without going back.
// Kept for the tab only; a record reached another way has no neighbours.
const STORE = "list";

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-row] [data-row-link], [data-row] th a, [data-row] a");
  const row = link?.closest("[data-row]");
  if (!row) return;
  const hrefs = [...document.querySelectorAll("[data-row]")].map((one) => path(one.querySelector("[data-row-link]") ?? one.querySelector("a[href]")));
  sessionStorage.setItem(STORE, JSON.stringify({ from: location.href, hrefs }));
});

const path = (link) => (link ? new URL(link.href).pathname : "");

function place() {
  try {
    const { from, hrefs } = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
    const at = hrefs?.indexOf(location.pathname) ?? -1;
    return at < 0 ? undefined : { from, hrefs, at };
  } catch {
    return undefined;
  }
}

export function switchBy(by) {
  const here = place();
  if (!here) return false;
  const next = here.hrefs[here.at + by];
  if (next) location.href = next;
  return true;
}

function show() {
  const slot = document.querySelector("[data-switch]");
  const here = slot && place();
  if (!here || here.hrefs.length < 2) return;
  const [back, count, before, after] = slot.children;
  back.href = here.from;
  count.textContent = `${here.at + 1} / ${here.hrefs.length}`;
  for (const [link, by] of [[before, -1], [after, 1]]) {
    const href = here.hrefs[here.at + by];
    if (!href) continue;
    link.href = href;
    link.removeAttribute("aria-disabled");
  }
  slot.hidden = false;
}

show();
