// What was written and not saved stays on this machine only as long as somebody is signed in.

const DRAFTS = 'portal-draft:';

document.addEventListener('submit', (event) => {
  const { action } = event.target;
  if (!action || !new URL(action, location.href).pathname.endsWith('/sign-out')) return;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(DRAFTS)) localStorage.removeItem(key);
  }
});
