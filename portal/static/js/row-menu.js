// [data-row-menu]: the dots of a row. One menu serves all rows: it is filled for the row it is opened on.
// Without a script the dots are a link to the row's page.

const MENU = 'row-menu';

let closed = { link: null, at: 0 };  // a press outside closes the menu before the click arrives

document.addEventListener('beforetoggle', ({ target, newState }) => {
  if (target.id !== MENU || newState !== 'closed') return;
  closed = { link: document.querySelector(`[popovertarget="${MENU}"]`), at: performance.now() };
}, true);

function fill(menu, link) {
  const row = link.closest('[data-id]');
  const address = link.getAttribute('href');
  for (const entry of menu.querySelectorAll('[data-row-href]')) entry.href = entry.dataset.rowHref.replace('{row}', address);
  for (const entry of menu.querySelectorAll('[data-row-value]')) entry.value = entry.dataset.rowValue.replace('{key}', row.dataset.id);
  for (const other of document.querySelectorAll(`[popovertarget="${MENU}"]`)) other.removeAttribute('popovertarget');
  link.setAttribute('popovertarget', MENU);  // menus.js places the menu beside it
  menu.setAttribute('aria-label', link.getAttribute('aria-label'));
}

// In the capture phase: htmx must not follow the link.
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-row-menu]');
  const menu = document.getElementById(MENU);
  if (!link || !menu || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (closed.link === link && performance.now() - closed.at < 300) return;
  fill(menu, link);
  menu.showPopover();
}, true);

// It acts as a button, so Space presses it.
document.addEventListener('keydown', (event) => {
  if (event.key !== ' ' || !event.target.matches?.('[data-row-menu]')) return;
  event.preventDefault();
  event.target.click();
});
