// Puts menus and panels (popovers) beside their button, and walks menus with the arrow keys.

const FLOATING = '.menu, .popover-panel';
const ENTRIES = 'a[href], button:not(:disabled), input, select';
const GAP = 4;
const EDGE = 12;

const buttonOf = (panel) => document.querySelector(`[popovertarget="${CSS.escape(panel.id)}"]`);

function place(panel) {
  const button = buttonOf(panel)?.getBoundingClientRect();
  if (!button) return;
  const { width, height } = panel.getBoundingClientRect();
  const view = document.documentElement;
  const rtl = view.dir === 'rtl';
  const [near, far] = rtl ? [view.clientWidth - button.right, view.clientWidth - button.left] : [button.left, button.right];
  const start = near + width <= view.clientWidth - EDGE ? near : Math.max(EDGE, far - width);
  const below = button.bottom + GAP;
  const above = button.top - GAP - height;
  const top = below + height <= innerHeight - EDGE ? below : Math.max(EDGE, above);
  panel.style.setProperty('--menu-top', `${top}px`);
  panel.style.setProperty('--menu-start', `${start}px`);
  panel.dataset.placed = '';
}

// Placed before it shows, and again when its size is known.
for (const name of ['beforetoggle', 'toggle']) {
  document.addEventListener(name, ({ target: panel, newState, type }) => {
    if (!(panel instanceof Element) || !panel.matches(FLOATING) || newState !== 'open') return;
    place(panel);
    if (type === 'toggle' && !panel.contains(document.activeElement)) panel.querySelector(ENTRIES)?.focus();
  }, true);
}

function closeAll(except) {
  for (const panel of document.querySelectorAll(':is(.menu, .popover-panel):popover-open')) {
    if (!panel.contains(except)) panel.hidePopover();
  }
}

document.addEventListener('scroll', ({ target }) => {
  if (target instanceof Element) closeAll(target);
}, { capture: true, passive: true });

document.addEventListener('submit', ({ target, submitter, defaultPrevented }) => {
  const panel = (submitter ?? target).closest(FLOATING);
  if (panel && !defaultPrevented) panel.hidePopover();
}, true);

document.addEventListener('keydown', (event) => {
  const menu = event.target.closest?.('.menu');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  event.preventDefault();
  const entries = [...menu.querySelectorAll(ENTRIES)];
  const next = entries.indexOf(document.activeElement) + step;
  entries.at(next % entries.length)?.focus();
});
