// Ctrl/Cmd + S saves, "/" goes to the list's search.

const TYPING = 'input, textarea, select, [contenteditable]';

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
    const save = document.querySelector('.save-bar .btn.primary');
    if (!save) return;
    event.preventDefault();
    save.click();
  } else if (event.key === '/' && !event.target.closest?.(TYPING)) {
    const search = document.querySelector('form[role="search"] input[type="search"]');
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  }
});
