// The palette: a few letters, arrows, Enter. The lines are links, so a click, a middle click and Ctrl+Enter do as usual.
const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
let asked;
let soon;

export function openPalette() {
  if (!palette || palette.open) return;
  for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
  field.value = "";
  palette.showModal();
  find();
}

async function find() {
  asked?.abort();
  asked = new AbortController();
  const query = new URLSearchParams({ q: field.value });
  if (palette.dataset.of) query.set("account", palette.dataset.of);
  try {
    const answer = await fetch(`${palette.dataset.from}?${query}`, {
      headers: { "HX-Request": "true", "HX-Request-Type": "partial" },
      signal: asked.signal,
    });
    if (!answer.ok || answer.redirected) return void list.replaceChildren();
    list.innerHTML = await answer.text();
    choose(lines()[0]);
  } catch (error) {
    if (error.name !== "AbortError") list.replaceChildren(); // Enter still leads to the search page
  }
}

const lines = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(line) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!line) return field.removeAttribute("aria-activedescendant");
  line.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", line.id);
  line.scrollIntoView({ block: "nearest" });
}

field?.addEventListener("input", () => {
  clearTimeout(soon);
  soon = setTimeout(find, 90);
});

palette?.addEventListener("keydown", (event) => {
  const all = lines();
  const at = all.indexOf(chosen());
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && all.length) {
    event.preventDefault();
    choose(all[(at + by + all.length) % all.length]);
  } else if (event.key === "Enter" && chosen() && !event.isComposing) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) return void window.open(chosen().href, "_blank", "noopener");
    location.href = chosen().href;
    palette.close();
  }
});

list?.addEventListener("pointermove", (event) => {
  const line = event.target.closest("[role=option]");
  if (line && line !== chosen()) choose(line);
});
