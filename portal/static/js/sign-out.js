// What was written and not saved stays on this machine only as long as somebody is signed in, and so do the names of
// files that were not sent to their end.

const DRAFTS = 'portal-draft:';
const UPLOADS = 'portal-uploads';

document.addEventListener('submit', (event) => {
  const { action } = event.target;
  if (!action || !new URL(action, location.href).pathname.endsWith('/sign-out')) return;
  for (const key of Object.keys(localStorage)) {
    if (key === UPLOADS || key.startsWith(DRAFTS)) localStorage.removeItem(key);
  }
});
