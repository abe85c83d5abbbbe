// [data-inline]: a switch or a choice in a cell saves itself; the answer is the row, rendered anew.

import { failed, post, replace, toast } from './page.js';

async function save(control, value, undo) {
  const row = control.closest('tr');
  const version = control.closest('[data-version]')?.dataset.version;
  const fields = { [control.name]: value, ...version && { version } };
  control.disabled = true;
  const answer = await post(control.getAttribute('formaction') ?? control.dataset.url, fields);
  control.disabled = false;

  if (answer?.status === 200) {
    const { name } = control;
    const { id } = row.dataset;
    await replace(row, await answer.text());
    document.querySelector(`[data-id="${CSS.escape(id)}"] [name="${CSS.escape(name)}"]`)?.focus();
    return;
  }
  undo();
  control.focus();
  const plain = answer?.headers.get('Content-Type')?.startsWith('text/plain');
  if (plain) toast(await answer.text(), 'error');
  else failed(answer?.status ?? 0);
}

// In the capture phase: htmx must not send the shared form as well.
document.addEventListener('submit', (event) => {
  const control = event.submitter;
  if (!control?.matches('[data-inline]')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const before = control.getAttribute('aria-checked');
  if (before) control.setAttribute('aria-checked', String(before !== 'true'));
  save(control, control.value, () => before && control.setAttribute('aria-checked', before));
}, true);

document.addEventListener('change', ({ target }) => {
  if (!target.matches('select[data-inline]')) return;
  const before = [...target.options].find((option) => option.defaultSelected)?.value ?? '';
  save(target, target.value, () => { target.value = before; });
});
