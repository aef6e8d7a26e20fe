// Folded parts of an account stay as their reader left them: on the next account, and when a part is fetched again.
const KEY = "tenure.open";
const read = () => new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
const apply = () => {
  const open = read();
  document.querySelectorAll("details[data-fold]").forEach((fold) => (fold.open = fold.open || open.has(fold.dataset.fold)));
};

document.addEventListener(
  "toggle",
  ({ target }) => {
    const key = target.dataset?.fold;
    if (!key) return;
    const open = read();
    if (target.open) open.add(key);
    else open.delete(key);
    localStorage.setItem(KEY, JSON.stringify([...open]));
  },
  true,
);
document.addEventListener("htmx:after:swap", apply);
apply();
