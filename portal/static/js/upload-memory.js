// Which upload a file belongs to, by the file's name, size and date, for a day; whose it is the server knows.

const KEPT = 'portal-uploads';
const DAY = 24 * 60 * 60 * 1000;

function all() {
  try {
    const found = Object.entries(JSON.parse(localStorage.getItem(KEPT) ?? '{}'));
    return Object.fromEntries(found.filter(([, { since }]) => Date.now() - since < DAY));
  } catch {
    return {};
  }
}

export const kept = (name) => all()[name]?.id;

/** Without an id it is forgotten. */
export function keep(name, id) {
  const { [name]: _, ...others } = all();
  try {
    localStorage.setItem(KEPT, JSON.stringify(id ? { ...others, [name]: { id, since: Date.now() } } : others));
  } catch {
    // full, or forbidden: then a reload begins anew
  }
}
