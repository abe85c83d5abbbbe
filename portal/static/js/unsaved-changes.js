// Asks before unsaved changes of #edit-form[data-guard] are left behind: on links, other forms, Back and closing.

import { always } from './page.js';

const stored = new WeakMap();
let submitting = false;
let leaving = false;

const form = () => document.querySelector('#edit-form[data-guard]');

/** What the form would send, to compare; only in galleries does the order matter. A token, a picker's find box or
    a file input nobody has used is no content. */
function contents(guarded) {
  const finders = new Set([...guarded.querySelectorAll('.picker-find [name]')].map(({ name }) => name));
  const ordered = new Set([...guarded.querySelectorAll('portal-gallery [name]')].map(({ name }) => name));
  const entries = [...new FormData(guarded)].filter(([name, value]) =>
    !name.includes('csrf') && !finders.has(name) && !(value instanceof File && !value.name));
  return entries.map(([name, value], place) =>
    `${name}${ordered.has(name) ? place : ''}=${value instanceof File ? `${value.name}:${value.size}` : value}`).sort().join('\n');
}

function dirty() {
  const guarded = form();
  return Boolean(guarded) && !submitting && !leaving
    && contents(guarded) !== stored.get(guarded);
}

function show() {
  const state = document.querySelector('.save-state[data-dirty]');
  if (!form() || !state) return;
  state.dataset.state = dirty() ? 'dirty' : 'clean';
  state.textContent = state.dataset[state.dataset.state];
}

always(() => {
  const guarded = form();
  submitting = leaving = false;
  if (guarded && !stored.has(guarded)) stored.set(guarded, 'unsaved' in guarded.dataset ? null : contents(guarded));
  show();
});

for (const name of ['input', 'change']) {
  document.addEventListener(name, () => requestAnimationFrame(show));
}

addEventListener('beforeunload', (event) => {
  if (dirty()) event.preventDefault();
});

/** Ask with #leave; on yes nothing asks again, and `go` leaves. */
function ask(go) {
  const dialog = document.getElementById('leave');
  dialog.returnValue = '';
  dialog.showModal();
  dialog.addEventListener('close', () => {
    if (dialog.returnValue !== 'ok') return;
    leaving = true;
    go();
  }, { once: true });
}

function stop(event, go) {
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(go);
}

const elsewhere = (link) => link.target === '_blank' || link.hasAttribute('download')
  || link.getAttribute('href').startsWith('#') || 'guardIgnore' in link.dataset;

// In the capture phase, before htmx.
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href]');
  if (!link || elsewhere(link) || event.ctrlKey || event.metaKey || event.shiftKey || !dirty()) return;
  stop(event, () => link.click());
}, true);

document.addEventListener('submit', (event) => {
  const { target, submitter } = event;
  if (target === form()) submitting = true;
  else if (target.method !== 'dialog' && !('guardIgnore' in target.dataset) && dirty()) {
    stop(event, () => target.requestSubmit(submitter));
  }
}, true);

// A save that failed without a swap: the changes are still unsaved.
document.addEventListener('htmx:finally:request', () => {
  submitting = false;
  show();
});

// Back and forward; other browsers than Chromium's leave without asking when htmx restores the page.
window.navigation?.addEventListener('navigate', (event) => {
  if (event.navigationType !== 'traverse' || !event.cancelable || event.hashChange || !dirty()) return;
  event.preventDefault();
  event.stopImmediatePropagation();  // htmx would take over a navigation that is off
  ask(() => navigation.traverseTo(event.destination.key));
});
