// Toasts: those of the server, those of scripts, and one for each request that failed.

import { always, failed, toast } from './page.js';

const LIFE = 6000;

/** Take a toast away in time; not under the pointer or the focus, and never an error. */
function expire(item, wait) {
  setTimeout(() => {
    if (item.matches(':hover, :focus-within')) expire(item, LIFE / 3);
    else item.remove();
  }, wait);
}

function watch() {
  for (const item of document.querySelectorAll('#toasts > .toast:not([data-seen])')) {
    item.dataset.seen = '';
    if (item.dataset.tone !== 'error') expire(item, LIFE);
  }
}

always(watch);
document.addEventListener('portal:toasted', watch);
document.addEventListener('portal:toast', ({ detail }) => toast(detail.text, detail.tone));

document.addEventListener('click', ({ target }) => {
  if (target.closest('[data-toast-close]')) target.closest('.toast').remove();
});

// A 422 or a 409 is shown where it belongs.
document.addEventListener('htmx:response:error', ({ detail: { ctx } }) => {
  const { status } = ctx.response;
  if (status !== 422 && status !== 409) failed(status);
});

document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
  if (ctx && !ctx.response) failed(0);
});
