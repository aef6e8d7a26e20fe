// Speaks to readers of the page: the toasts region is live, so what is put there is announced.
const region = () => document.getElementById("toasts");

/** A sentence from the page's own words (data-say-… on body), in the reader's language. */
export const words = (name) => document.body.dataset[`say${name}`] ?? "";

/** With `undo` (an address) the toast has a form that takes it back. */
export function say(text, kind = "good", undo = "") {
  if (!text || !region()) return;
  const toast = document.createElement("div");
  toast.className = `toast toast--${kind}`;
  toast.dataset.toast = "";
  const line = document.createElement("p");
  line.textContent = text;
  toast.append(line);
  if (undo) toast.append(takeBack(undo));
  region().append(toast);
}

function takeBack(address) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address });
  const next = Object.assign(document.createElement("input"), { type: "hidden", name: "next", value: location.pathname + location.search });
  const button = Object.assign(document.createElement("button"), { className: "toast__undo", textContent: words("Undo") + " " });
  button.dataset.undo = "";
  button.append(Object.assign(document.createElement("kbd"), { textContent: "z", ariaHidden: "true" }));
  form.append(next, button);
  return form;
}

/** The sentence of an error fragment, or of a whole page where a part was awaited; empty when the answer is what was asked for. */
export function refusalIn(html) {
  if (/<html/i.test(html)) return words("Failed");
  if (!html.includes("error-part")) return "";
  const part = new DOMParser().parseFromString(html, "text/html").querySelector(".error-part");
  return part?.textContent.replace(/\s+/g, " ").trim() ?? "";
}

/** Said, not shown: for changes one can see anyway. */
export function announce(text) {
  let quiet = document.getElementById("announcer");
  if (!quiet) {
    quiet = Object.assign(document.createElement("p"), { id: "announcer", className: "vh" });
    quiet.setAttribute("role", "status");
    document.body.append(quiet);
  }
  quiet.textContent = "";
  setTimeout(() => (quiet.textContent = text), 50);
}
