// The editor as a field of its form: its name, its errors, and when a hand was laid on it.

const QUIET = /^(Tab|Shift|Control|Alt|Meta|Escape|Arrow\w+|Home|End|Page\w+|F\d+)$/;

/** Ties the field's label, hint and error to what is really focused. */
export function describe(host) {
  const { textarea, body } = host;
  if (!body) return;
  const field = host.closest('.field');
  body.setAttribute('role', 'textbox');
  body.setAttribute('aria-multiline', 'true');
  const label = textarea.labels?.[0];
  if (label) {
    label.id ||= `${textarea.id}-label`;
    body.removeAttribute('aria-label');
    body.setAttribute('aria-labelledby', label.id);
  }
  const error = field?.querySelector('.field-error');
  const notes = [error?.id, field?.querySelector('.hint')?.id].filter(Boolean).join(' ');
  if (notes) body.setAttribute('aria-describedby', notes);
  else body.removeAttribute('aria-describedby');
  if (error) body.setAttribute('aria-invalid', 'true');
  else body.removeAttribute('aria-invalid');
}

/** From the first hand laid on it, changes are the writer's. */
export function watchTouching(host) {
  const touch = () => { host.touched = true; };
  for (const name of ['beforeinput', 'cut', 'paste', 'drop']) host.addEventListener(name, touch, true);
  host.addEventListener('keydown', ({ key }) => { if (!QUIET.test(key)) touch(); }, true);
  host.addEventListener('pointerdown', ({ target }) => {
    if (!target.closest('.jodit-wysiwyg') && target !== host.textarea) touch();
  }, true);
}

// A morph leaves the element alone, but not its label and error.
document.addEventListener('htmx:after:swap', () => {
  for (const host of document.querySelectorAll('portal-richtext')) describe(host);
});

// The label and the error summary lead to the textarea, which now is hidden.
document.addEventListener('click', (event) => {
  const label = event.target.closest('label[for]');
  const link = event.target.closest('a[href^="#"]');
  const target = document.getElementById(label ? label.htmlFor : link ? link.hash.slice(1) : '');
  const host = target?.closest('portal-richtext');
  if (!host?.editor) return;
  event.preventDefault();
  host.focus();
});
