// Theme and density: switched at once, kept in a cookie, so that the server renders them next time.

import { remember } from './page.js';

const root = document.documentElement;

function flip(name, one, other) {
  root.dataset[name] = root.dataset[name] === one ? other : one;
  remember(`fastor_${name}`, root.dataset[name]);
}

document.addEventListener('click', ({ target }) => {
  if (target.closest('[data-theme-toggle]')) flip('theme', 'dark', 'light');
  if (target.closest('[data-density-toggle]')) flip('density', 'compact', 'comfortable');
});
