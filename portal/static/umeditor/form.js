// The editor as a field of its form: its name, its errors, when a hand was laid on it, and how the form is sent.

import { markSent } from './draft.js';

const QUIET = /^(Tab|Shift|Control|Alt|Meta|Escape|Arrow\w+|Home|End|Page\w+|F\d+)$/;

/** Jodit works on a copy, so that nothing it straightens out on its own looks like a change. */
export function copyOf(textarea) {
  const copy = document.createElement('textarea');
  copy.className = 'jodit-shadow';
  copy.value = textarea.value;
  copy.hidden = true;
  textarea.after(copy);
  return copy;
}

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

// Before htmx and whatever asks about unsaved changes.
window.addEventListener('submit', (event) => {
  const inside = [...event.target.querySelectorAll('portal-richtext')].filter(({ editor }) => editor);
  for (const host of inside) host.changed();
  const busy = inside.find(({ pictures }) => pictures.waiting);
  if (busy) {
    event.preventDefault();
    event.stopImmediatePropagation();
    busy.say(busy.text('waiting'), undefined, 'warn');
  } else if (inside.length) markSent(inside.map(({ draft }) => draft.key));
}, true);
