// What htmx 4 leaves to the page: busy marks, focus after a refused form, words when an answer fails.
import { announce, say, words } from "./say.js";

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

// Pages of errors answer fragments too; where a server has only a whole page to give, it must not be swapped into a row.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!ctx?.response || ctx.response.status < 500 || !/<html/i.test(ctx.text ?? "")) return;
  event.preventDefault();
  say(words("Failed"), "bad");
});

function focusError(root) {
  const first = root.querySelector("[data-error-summary]") ?? root.querySelector("[aria-invalid=true]");
  if (!first) return;
  first.focus();
  announce(first.dataset.errorSummary === undefined ? words("Errors") : first.textContent.trim());
}

// A form that came back with a whole page (no htmx) starts at what needs mending as well.
document.querySelector("[data-error-summary]:not([data-sample] *)")?.focus();
