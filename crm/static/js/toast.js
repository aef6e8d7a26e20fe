// Toasts leave after ten seconds, but wait while they have the pointer or the focus. At most three stay.
import { say } from "./say.js";

const LIFE = 10_000;
const region = document.getElementById("toasts");

function age(toast) {
  let timer;
  const start = () => (timer = setTimeout(() => toast.remove(), LIFE));
  const stop = () => clearTimeout(timer);
  for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, stop);
  for (const event of ["pointerleave", "focusout"]) toast.addEventListener(event, () => (stop(), start()));
  start();
}

if (region) {
  const take = () => {
    const all = [...region.querySelectorAll("[data-toast]")];
    all.slice(0, -3).forEach((old) => old.remove());
    for (const toast of all) {
      if (toast.dataset.toast) continue;
      toast.dataset.toast = "aging";
      age(toast);
    }
  };
  new MutationObserver(take).observe(region, { childList: true });
  take();
}

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove());

// A server may say something with any answer: HX-Trigger: {"toast": {"text": "…", "kind": "good"}}.
document.addEventListener("toast", (event) => say(event.detail?.text ?? event.detail?.value, event.detail?.kind, event.detail?.undo));
