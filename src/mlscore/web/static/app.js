// What makes the pages handier; each of them is whole without it.
"use strict";

// A filter sends its form as soon as it is changed.
for (const one of document.querySelectorAll("[data-sends]")) {
  one.addEventListener("change", () => one.form.requestSubmit());
}

// What cannot be undone is asked about first.
for (const one of document.querySelectorAll("[data-asks]")) {
  one.addEventListener("click", (event) => {
    if (!window.confirm(one.dataset.asks)) event.preventDefault();
  });
}

for (const one of document.querySelectorAll("[data-prints]")) {
  one.hidden = false;
  one.addEventListener("click", () => window.print());
}

// Paper cannot be unfolded.
window.addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("main details")) one.open = true;
});
