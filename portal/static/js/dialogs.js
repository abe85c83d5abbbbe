// Dialogs: opened by [data-open], and asked before a submit with [data-confirm] or hx-confirm.

document.addEventListener('click', ({ target }) => {
  const opener = target.closest('[data-open]');
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (target.closest('[data-close]')) target.closest('dialog')?.close();
});

/** Ask with the page's #confirm; true when the answer is yes. */
function ask(text, { confirmTitle, confirmButton } = {}) {
  const dialog = document.getElementById('confirm');
  const title = dialog.querySelector('h2');
  const yes = dialog.querySelector('[value="ok"]');
  title.dataset.usual ??= title.textContent;
  yes.dataset.usual ??= yes.textContent;
  title.textContent = confirmTitle ?? title.dataset.usual;
  yes.textContent = confirmButton ?? yes.dataset.usual;
  dialog.querySelector('[data-confirm-text]').textContent =
    text.replace('{n}', document.getElementById('bulk-bar')?.dataset.count ?? '');
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'ok'), { once: true });
  });
}

const agreed = new WeakSet();

// In the capture phase, so that htmx does not see a submit that is still in question.
document.addEventListener('submit', async (event) => {
  const { target: form, submitter } = event;
  const asking = submitter?.dataset.confirm ? submitter : form;
  if (!asking.dataset.confirm || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!await ask(asking.dataset.confirm, asking.dataset)) return;
  agreed.add(form);
  form.requestSubmit(submitter);
}, true);

document.addEventListener('htmx:confirm', async (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  if (await ask(ctx.confirm, ctx.sourceElement.dataset)) issueRequest();
  else dropRequest();
});
