// Ticked rows and the bulk bar: the box in the head, shift + click for a range, all that match.

import { always } from './page.js';

let lastClicked = null;

const rowBoxes = () => [...document.querySelectorAll('#results [name="ids"]')];
const allMatching = () => document.querySelector('[data-select-all-matching]');

/** Bring the bulk bar and the box in the head in line with the rows. */
function sync() {
  const bar = document.getElementById('bulk-bar');
  const head = document.querySelector('#results [data-select-page]');
  const boxes = rowBoxes();
  const ticked = boxes.filter((box) => box.checked).length;
  const whole = ticked > 0 && ticked === boxes.length;
  if (head) {
    head.checked = whole;
    head.indeterminate = ticked > 0 && !whole;
  }
  if (!bar) return;

  const all = allMatching();
  const more = document.querySelector('#results [data-more]');
  if (all) {
    all.closest('[data-all-matching]').hidden = !(whole && more);
    if (!whole) all.checked = false;
  }
  bar.hidden = ticked === 0;
  bar.dataset.count = ticked;
  const count = bar.querySelector('[data-template]');
  count.textContent = all?.checked && count.dataset.all
    ? count.dataset.all : count.dataset.template.replace('{n}', ticked);
}

/** Everything between the last click and this one. */
function tickRange(box) {
  const boxes = rowBoxes();
  const [start, end] = [boxes.indexOf(lastClicked), boxes.indexOf(box)].sort((a, b) => a - b);
  if (start < 0) return;
  for (const other of boxes.slice(start, end + 1)) other.checked = box.checked;
}

document.addEventListener('click', ({ target, shiftKey }) => {
  if (target.closest('[data-clear-selection]')) {
    for (const box of rowBoxes()) box.checked = false;
  } else if (target.matches('#results [data-select-page]')) {
    for (const box of rowBoxes()) box.checked = target.checked;
  } else if (target.matches('#results [name="ids"]')) {
    if (shiftKey && lastClicked) tickRange(target);
    lastClicked = target;
  } else if (!target.matches('[data-select-all-matching]')) {
    return;
  }
  sync();
});

always(sync);
addEventListener('pageshow', sync);  // the browser may restore ticks after scripts ran
