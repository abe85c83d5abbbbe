// Fills a slug from another field while nobody has typed into it. Text that does not fold to ASCII is left to
// the server.

const LETTER_BEYOND_ASCII = /[^\p{ASCII}\P{L}]/u;

function slug(text) {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss').toLowerCase();
  if (LETTER_BEYOND_ASCII.test(folded)) return null;
  return folded.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

const filled = new WeakMap();

document.addEventListener('input', ({ target }) => {
  for (const field of target.form?.querySelectorAll('[data-slug-from]') ?? []) {
    if (field.dataset.slugFrom !== target.name) continue;
    const text = slug(target.value);
    if (text === null || (field.value && field.value !== filled.get(field))) continue;
    field.value = text.slice(0, field.maxLength > 0 ? field.maxLength : undefined);
    filled.set(field, field.value);
  }
});
