// Makes pages smoother; everything works without it.
"use strict";

// A form is sent once: a second press before the answer does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.classList.add("busy");
  form.setAttribute("aria-busy", "true");
});

function release(form) {
  delete form.dataset.sent;
  form.classList.remove("busy");
  form.removeAttribute("aria-busy");
}

// A page that the browser kept and shows again must be usable again.
window.addEventListener("pageshow", () => document.querySelectorAll("form.busy").forEach(release));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest && event.target.closest("form");
  if (form) release(form);
});

// Where something went wrong, start reading there.
function readErrors() {
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
}
document.addEventListener("htmx:afterSettle", readErrors);
readErrors();

// The look changes at once; the form then tells the server.
document.querySelectorAll("form[data-look] button").forEach((button) => {
  button.addEventListener("click", () => {
    const root = document.documentElement;
    if (button.value === "auto") root.removeAttribute("data-theme");
    else root.dataset.theme = button.value;
  });
});

// A form marked so sends itself when a choice changes; its button is not needed then.
document.querySelectorAll("form[data-auto]").forEach((form) => {
  form.querySelectorAll("[data-auto-hide]").forEach((button) => (button.hidden = true));
  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type=radio], input[type=checkbox], select")) form.requestSubmit();
  });
});

// A photo of a phone has 5 MB; one of 1600 pixels is enough and loses its hidden position data.
async function shrink(input) {
  const file = input.files && input.files[0];
  const longest = Number(input.dataset.shrink);
  if (!file || !file.type.startsWith("image/") || file.type === "image/gif" || !window.createImageBitmap) return;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < 400000) return;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    if (!small || small.size >= file.size) return;
    const files = new DataTransfer();
    files.items.add(new File([small], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }));
    input.files = files.files;
  } catch {
    // The server takes the picture as it is, or says why not.
  }
}
document.addEventListener("change", (event) => {
  if (event.target.matches && event.target.matches("input[type=file][data-shrink]")) shrink(event.target);
});

// The number beside the bell follows what happens while the page is open.
const bell = document.querySelector("[data-bell]");
if (bell && window.EventSource) {
  const stream = new EventSource("/notices/live");
  stream.addEventListener("notice", async () => {
    const answer = await fetch("/notices/unread", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { unread } = await answer.json();
    bell.textContent = unread > 99 ? "99+" : String(unread);
    bell.hidden = !unread;
    const words = document.querySelector("[data-bell-words]");
    if (words) words.hidden = !unread;
  });
  window.addEventListener("pagehide", () => stream.close());
}

// This browser may be told by pushes, where it can and its owner wants.
const pushes = document.querySelector("[data-push]");
if (pushes && "serviceWorker" in navigator && "PushManager" in window) {
  const form = pushes.querySelector("form[hidden]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    try {
      const worker = await navigator.serviceWorker.register("/worker.js");
      const raw = atob(pushes.dataset.push.replace(/-/g, "+").replace(/_/g, "/"));
      const key = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
      const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = made.toJSON();
      form.elements.endpoint.value = endpoint;
      form.elements.key.value = keys.p256dh;
      form.elements.auth.value = keys.auth;
      release(form);
      form.requestSubmit();
    } catch {
      form.hidden = true; // not allowed, or no push service: notices and mails remain
    }
  }, true);
}
