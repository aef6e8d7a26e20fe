// Filters send themselves; Ctrl+Enter sends what is being written; a form is sent once.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.type !== "search") send(form);
});

let pause;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (!form || event.target.type !== "search") return;
  clearTimeout(pause);
  pause = setTimeout(() => send(form), 400);
});

function send(form) {
  // Empty fields stay out of the address.
  const empty = [...form.elements].filter((field) => field.name && !field.value && !field.disabled);
  empty.forEach((field) => (field.disabled = true));
  form.requestSubmit();
  empty.forEach((field) => (field.disabled = false));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  const cancel = event.key === "Escape" && event.target.closest?.("[data-cell]")?.querySelector("[data-cancel]");
  if (cancel) {
    event.stopPropagation();
    cancel.click();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post],[data-hx-post]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// A region that scrolls can be reached by the keyboard; one that does not is no stop on the way.
const seen = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + 1) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const watch = (root) => root.querySelectorAll?.("[data-scrolls]").forEach((region) => seen.observe(region));
watch(document);
document.addEventListener("htmx:after:swap", () => watch(document));
