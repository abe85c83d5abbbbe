// What moving a row means, by key or by pointer: its neighbours are sent, the answer is the list anew.

import { announce, failed, post, replace, toast } from './page.js';

const containerOf = (row) => row.closest('[data-order-url]');
const rowsOf = (container) => [...container.querySelectorAll('[data-id]')];

export const busy = (row) => containerOf(row).getAttribute('aria-busy') === 'true';

/** How many rows there are: the page knows, or was told late beside its heading. */
const totalOf = (container) => container.dataset.total ?? document.getElementById('total')?.dataset.total;

/** Place and number of rows, for announcements. */
export function placeOf(row) {
  const container = containerOf(row);
  const rows = rowsOf(container);
  const n = Number(container.dataset.offset ?? 0) + rows.indexOf(row) + 1;
  return { n, total: totalOf(container) ?? rows.length };
}

/** The row above or below, within the same scope. */
export function neighbour(row, up) {
  const rows = rowsOf(containerOf(row));
  const other = rows[rows.indexOf(row) + (up ? -1 : 1)];
  return other?.dataset.scope === row.dataset.scope ? other : undefined;
}

/** The keys of the rows around; at the page's edge those of the other pages. */
export function between(row) {
  const container = containerOf(row);
  const rows = rowsOf(container);
  const beyond = (edge, key) => (row === edge && key) || '';
  return {
    after: neighbour(row, true)?.dataset.id ?? beyond(rows[0], container.dataset.beforeFirst),
    before: neighbour(row, false)?.dataset.id ?? beyond(rows.at(-1), container.dataset.afterLast),
  };
}

/** Where a drop target or a key sends a row; undefined when there is no such page. */
export function sendTo(row, target) {
  const { beforeFirst, afterLast } = containerOf(row).dataset;
  return {
    'top': { to: 'top' },
    'bottom': { to: 'bottom' },
    'previous-page': beforeFirst && { before: beforeFirst },
    'next-page': afterLast && { after: afterLast },
  }[target];
}

/** Save a move. A stale list comes back fresh with a 409; any other trouble undoes it. */
export async function save(row, fields, undo) {
  const container = containerOf(row);
  const { id } = row.dataset;
  container.setAttribute('aria-busy', 'true');
  const answer = await post(container.dataset.orderUrl, { id, ...fields });
  const text = await answer?.text() ?? '';
  container.removeAttribute('aria-busy');

  const { status = 0 } = answer ?? {};
  if (![200, 409].includes(status) || !text.includes('id="results"')) {
    undo();
    row.querySelector('.grip').focus();
    failed(status);
    return;
  }
  await replace(document.getElementById('results'), text);
  const moved = document.querySelector(`[data-order-url] [data-id="${CSS.escape(id)}"]`);
  const fallback = document.querySelector('#results .table-scroll') ?? document.querySelector('h1');
  (moved?.querySelector('.grip') ?? fallback)?.focus();
  if (status === 409) toast(announce('refused'), 'warn');
  else announce('dropped', moved ? placeOf(moved) : { n: '…', total: totalOf(container) ?? '…' });
}
