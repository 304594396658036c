// Makes choosing a file easier where scripts run: a file can be dropped, and its way here is shown.
// The page does the same without it.
(() => {
  const form = document.querySelector("form.upload");
  if (!form) return;
  const field = form.querySelector(".drop");
  const input = field.querySelector("input[type=file]");
  // The buttons are called "action", so the form's own property of that name is theirs.
  const place = new URL(form.getAttribute("action"), location.href);
  const status = document.createElement("p");
  status.className = "note";
  status.setAttribute("role", "status");
  field.append(status);

  const over = (is) => field.classList.toggle("over", is);
  for (const name of ["dragenter", "dragover"]) {
    field.addEventListener(name, (event) => { event.preventDefault(); over(true); });
  }
  field.addEventListener("dragleave", () => over(false));
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length === 1) {
      input.files = event.dataTransfer.files;
      status.textContent = `“${input.files[0].name}” is chosen.`;
    } else {
      status.textContent = "You can only select up to 1 file at the same time";
    }
  });

  form.addEventListener("submit", (event) => {
    if (input.files.length !== 1 || !event.submitter) return;
    event.preventDefault();
    if (input.files[0].size > 10 * 1024 * 1024) {
      status.textContent = "The selected file must be smaller than 10MB. Choose another";
      return;
    }
    const body = new FormData(form, event.submitter);
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.setAttribute("aria-label", "Upload");
    status.textContent = "Uploading ";
    status.append(bar);
    const request = new XMLHttpRequest();
    request.open("POST", place);
    request.upload.addEventListener("progress", (sent) => {
      if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
    });
    request.upload.addEventListener("load", () => { status.firstChild.textContent = "Checking "; bar.removeAttribute("value"); });
    request.addEventListener("load", () => {
      if (request.responseURL && new URL(request.responseURL).pathname !== place.pathname) {
        location.assign(request.responseURL);
        return;
      }
      document.open();
      document.write(request.responseText);
      document.close();
    });
    request.addEventListener("error", () => { status.textContent = "The selected file could not be uploaded – try again"; });
    request.send(body);
  });
})();
