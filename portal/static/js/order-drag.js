// Order by pointer, with SortableJS. While a row is carried, .order-drops offers the ends and the other pages.

import { always, library, meta } from './page.js';
import { between, busy, save, sendTo } from './order.js';

const prepared = new WeakSet();
let over = null;
let next = null;

const bar = () => document.querySelector('.order-drops');
const targets = () => [...bar()?.querySelectorAll('[data-order-to]') ?? []];

function follow(event) {
  const { clientX, clientY } = event.touches?.[0] ?? event;
  over = document.elementFromPoint(clientX, clientY)?.closest('[data-order-to]');
  for (const target of targets()) target.classList.toggle('over', target === over);
  if (over && event.type === 'dragover') event.preventDefault();  // a drop is welcome here
}

const MOVES = ['dragover', 'touchmove', 'pointermove'];

function start({ item }) {
  next = item.nextElementSibling;
  over = null;
  for (const target of targets()) target.hidden = !sendTo(item, target.dataset.orderTo);
  if (bar()) bar().hidden = false;
  for (const name of MOVES) document.addEventListener(name, follow, true);
}

function end({ item }) {
  for (const name of MOVES) document.removeEventListener(name, follow, true);
  if (bar()) bar().hidden = true;
  const parent = item.parentNode;
  const after = next;
  const undo = () => parent.insertBefore(item, after);
  if (over) {
    undo();
    save(item, sendTo(item, over.dataset.orderTo), undo);
  } else if (item.nextElementSibling !== after) {
    save(item, between(item), undo);
  }
}

async function prepare() {
  const fresh = [...document.querySelectorAll('[data-order-url]')].filter((list) => !prepared.has(list));
  if (!fresh.length) return;
  for (const list of fresh) prepared.add(list);
  const Sortable = await library(meta('portal-sortable'), 'Sortable');
  for (const list of fresh) {
    Sortable.create(list.tBodies?.[0] ?? list, {
      handle: '.grip',
      draggable: '[data-id]',
      ghostClass: 'order-ghost',
      animation: 120,
      scroll: true,
      scrollSensitivity: 60,
      onStart: start,
      onMove: ({ dragged, related }) => !busy(dragged) && dragged.dataset.scope === related.dataset.scope,
      onEnd: end,
    });
  }
}

always(prepare);
