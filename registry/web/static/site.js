// Small comforts on every page; each page also works without this file.

// A switch of language must not lose the certificate that stands after the # of the address.
for (const form of document.querySelectorAll("form[data-keep-fragment]")) {
  form.addEventListener("submit", () => {
    const action = new URL(form.action);
    action.hash = location.hash;
    form.action = action.href;
  });
}

// A second press while the first is on its way would only be refused: say that it is on its way.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    setTimeout(() => {
      // What a script answers on the page itself is not on its way anywhere.
      if (event.defaultPrevented) return;
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  });
}
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});

// Whatever can be printed says so only where there is something to press.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
