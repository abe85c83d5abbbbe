// Keeps empty fields of a search form out of the address.

document.addEventListener('formdata', ({ target, formData }) => {
  if (!target.matches('[data-tidy]')) return;
  const empty = [...formData].filter(([, value]) => value === '').map(([name]) => name);
  for (const name of empty) {
    if (formData.getAll(name).every((value) => value === '')) formData.delete(name);
  }
});
