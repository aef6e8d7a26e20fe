// What htmx 4 leaves to the page: busy marks, focus after a refused form, words when an answer fails.
import { announce, refusalIn, say, words } from "./say.js";

const busy = (event, on) => {
  const { sourceElement, target, request } = event.detail.ctx ?? {};
  for (const element of [target, request?.submitter ?? sourceElement]) {
    if (!element?.setAttribute || element === document.body) continue;
    if (on) element.setAttribute("aria-busy", "true");
    else element.removeAttribute("aria-busy");
  }
};

document.addEventListener("htmx:before:request", (event) => busy(event, true));
document.addEventListener("htmx:finally:request", (event) => busy(event, false));

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const place = ctx.target?.isConnected ? ctx.target : ctx.sourceElement;
  if (ctx.response?.status === 422) focusError(place?.closest?.("form")?.parentElement ?? place ?? document);
});

document.addEventListener("htmx:error", ({ detail }) => {
  if (!detail.ctx) return;
  busy({ detail }, false);
  say(words("Offline"), "bad");
});

// A refusal is said, not swapped into the row or form it came from: what stands there is still true.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!ctx?.response || ctx.response.status < 400) return;
  const refusal = refusalIn(ctx.text ?? "");
  if (!refusal) return;
  event.preventDefault();
  say(refusal, "bad");
});

function focusError(root) {
  const first = root.querySelector("[data-error-summary]") ?? root.querySelector("[aria-invalid=true]");
  if (!first) return;
  first.focus();
  announce(first.dataset.errorSummary === undefined ? words("Errors") : first.textContent.trim());
}

// A form that came back with a whole page (no htmx) starts at what needs mending as well.
document.querySelector("[data-error-summary]:not([data-sample] *)")?.focus();
