// Order by keyboard: Space lifts and drops, arrows move, Home and End go to the ends of the whole order, Escape
// puts back; with Alt the arrows, Home and End move without lifting.

import { announce } from './page.js';
import { between, busy, neighbour, placeOf, save, sendTo } from './order.js';

let lifted = null;
let home = null;  // what came after the lifted row

const UP = { ArrowUp: true, ArrowDown: false };
const END = { Home: 'top', End: 'bottom' };

function putBack(row, parent, next) {
  parent.insertBefore(row, next);
}

function lift(row) {
  lifted = row;
  home = row.nextElementSibling;
  row.querySelector('.grip').setAttribute('aria-pressed', 'true');
  announce('lifted', placeOf(row));
}

function settle(row) {
  lifted = null;
  row.querySelector('.grip').setAttribute('aria-pressed', 'false');
}

function drop(row, fields, next) {
  const parent = row.parentNode;
  settle(row);
  save(row, fields, () => putBack(row, parent, next));
}

function cancel(row) {
  putBack(row, row.parentNode, home);
  settle(row);
  row.querySelector('.grip').focus();  // moving a node drops the focus
  announce('cancelled', placeOf(row));
}

function step(row, up) {
  const other = neighbour(row, up);
  if (!other) return;
  const next = row.nextElementSibling;
  if (up) other.before(row);
  else other.after(row);
  row.querySelector('.grip').focus();
  announce('moved', placeOf(row));
  if (row !== lifted) drop(row, between(row), next);
}

document.addEventListener('keydown', (event) => {
  const row = event.target.closest?.('.grip')?.closest('[data-order-url] [data-id]');
  if (!row || busy(row)) return;
  const { key, altKey } = event;
  const held = row === lifted;

  if (key === ' ' || key === 'Enter') {
    event.preventDefault();
    if (!held) lift(row);
    else if (row.nextElementSibling === home) {
      settle(row);
      announce('dropped', placeOf(row));
    } else drop(row, between(row), home);
  } else if (key in UP && (held || altKey)) {
    event.preventDefault();
    step(row, UP[key]);
  } else if (key in END && (held || altKey)) {
    event.preventDefault();
    drop(row, sendTo(row, END[key]), held ? home : row.nextElementSibling);
  } else if ((key === 'Escape' || key === 'Tab') && held) {
    cancel(row);
  }
});
