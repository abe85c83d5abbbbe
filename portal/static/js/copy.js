// [data-copy]: copies what stands in the field of that id, and says so in its own words.

async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand('copy');  // without TLS there is no clipboard object
  }
}

document.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-copy]');
  if (!button || !await copy(document.getElementById(button.dataset.copy))) return;
  button.dataset.usual ??= button.textContent;
  button.textContent = button.dataset.done;
  document.getElementById('live').textContent = button.dataset.done;
  setTimeout(() => { button.textContent = button.dataset.usual; }, 2000);
});
