// Dialogs open by data-opens; a link with data-drawer shows its page's fragment at the side. Without this file both just navigate.
import { refusalIn, say, words } from "./say.js";

const drawer = document.getElementById("drawer");
let opener;

document.addEventListener("click", (event) => {
  const target = event.target;
  const opens = target.closest("[data-opens]");
  if (opens) {
    const dialog = document.getElementById(opens.dataset.opens);
    if (!dialog) return;
    event.preventDefault();
    for (const list of document.querySelectorAll("[popover]:popover-open")) list.hidePopover();
    return dialog.showModal();
  }
  if (target.closest("[data-close]")) return target.closest("dialog")?.close();
  if (target.matches("dialog[open]") && outside(target, event)) return target.close();

  const link = target.closest("a[data-drawer]");
  if (!link || !drawer || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link);
});

function outside(dialog, { clientX: x, clientY: y }) {
  const box = dialog.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

async function show(link) {
  opener ??= link;
  drawer.setAttribute("aria-busy", "true");
  if (!drawer.open) drawer.showModal();
  try {
    const answer = await fetch(link.href, {
      headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "dialog#drawer", Accept: "text/html" },
    });
    const html = await answer.text();
    if (answer.redirected || answer.headers.get("HX-Redirect") || /<html/i.test(html)) return void (location.href = link.href);
    if (!answer.ok) {
      drawer.close();
      return say(refusalIn(html) || words("Failed"), "bad");
    }
    drawer.innerHTML = html;
    window.htmx?.process(drawer);
    (drawer.querySelector("[autofocus]") ?? drawer.querySelector("[data-close]"))?.focus();
  } catch {
    drawer.close();
    say(words("Offline"), "bad");
  } finally {
    drawer.removeAttribute("aria-busy");
  }
}

drawer?.addEventListener("close", () => {
  drawer.replaceChildren();
  if (opener?.isConnected) opener.focus();
  opener = undefined;
});

// A menu closes once something in it was chosen; Esc and a click outside are the browser's.
document.addEventListener("click", (event) => {
  const item = event.target.closest(".menu__item");
  if (item && !item.hasAttribute("popovertarget")) item.closest("[popover]")?.hidePopover();
});

// What is only worth asking for once somebody looks, such as how many each view lists, waits for "opened".
document.addEventListener("toggle", (event) => event.newState === "open" && event.target.dispatchEvent(new CustomEvent("opened")), true);
