// Shows a password on request, so that it can be checked before it is sent. Without this script the
// field is a plain password field.
for (const field of document.querySelectorAll('input[type="password"]')) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "secondary reveal";
  const say = () => {
    const isHidden = field.type === "password";
    button.textContent = isHidden ? "Show" : "Hide";
    button.setAttribute("aria-label", isHidden ? "Show the password" : "Hide the password");
  };
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    say();
  });
  // What is sent must be kept by browsers as a password.
  field.form?.addEventListener("submit", () => { field.type = "password"; });
  say();
  field.after(button);
}
