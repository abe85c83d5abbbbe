// What Jodit leaves out for people who listen or use keys: roles that exist, names of inputs, a way out of full screen.

const PIECES = '.jodit-popup, .jodit-dialog, .jodit-toolbar-button[aria-pressed], .jodit-source__mirror';

function mendPopup(popup) {
  if (popup.getAttribute('role') === 'popup') popup.setAttribute('role', 'group');
  for (const list of popup.querySelectorAll('[role=list]:not(:has(> [role=listitem]))')) list.removeAttribute('role');
  for (const input of popup.querySelectorAll('input:not([aria-label]), select:not([aria-label])')) {
    const box = input.closest('.jodit-ui-input, .jodit-ui-select, .jodit-form__group, label');
    const label = box?.querySelector('[class*=label], label')?.textContent.trim() || box?.textContent.trim();
    input.setAttribute('aria-label', label || input.placeholder || input.name);
  }
}

function mend(piece, host) {
  if (piece.matches('.jodit-toolbar-button')) piece.removeAttribute('aria-pressed');  // the button in it says so
  else if (piece.matches('.jodit-source__mirror')) {
    const name = host.body.getAttribute('aria-labelledby');
    if (name) piece.setAttribute('aria-labelledby', name);
    else piece.setAttribute('aria-label', 'HTML');
  } else mendPopup(piece);
}

/** From the editor's start on; its popups come and go. */
export function makeAccessible(host) {
  const look = () => { for (const piece of host.querySelectorAll(PIECES)) mend(piece, host); };
  const observer = new MutationObserver((changes) => {
    if (changes.some(({ target }) => !host.body?.contains(target))) look();
  });
  look();
  observer.observe(host, { subtree: true, childList: true, attributeFilter: ['aria-pressed', 'role'] });
  host.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && host.editor?.isFullSize && !host.querySelector('.jodit-popup')) host.editor.toggleFullSize();
  });
}
