// [data-counter] with a maxlength: how much is typed stands at the end of its label.

import { always } from './page.js';

function show(field) {
  const label = field.labels?.[0];
  if (!label || field.maxLength < 0) return;
  let counter = label.querySelector('.counter');
  if (!counter) {
    counter = document.createElement('span');
    counter.className = 'counter';
    counter.setAttribute('aria-hidden', 'true');
    label.append(counter);
  }
  counter.textContent = `${field.value.length}/${field.maxLength}`;
}

document.addEventListener('input', ({ target }) => {
  if (target.matches('[data-counter]')) show(target);
});

always(() => document.querySelectorAll('[data-counter]').forEach(show));
