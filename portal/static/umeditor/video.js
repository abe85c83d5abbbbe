// The dialog that asks for a video's address. Stored is a link; only the public page makes a player of it.

const element = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

/** The address if one of the hosts has it, else null. */
export function videoAddress(typed, hosts) {
  const text = typed.trim();
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const known = hosts.some((host) => url.hostname === host || url.hostname === `www.${host}`);
  return known ? url.href.replace(/^http:/, 'https:') : null;
}

export function askForVideo(host) {
  const { text } = host;
  const hosts = (host.dataset.videoHosts ?? '').split(/\s+/).filter(Boolean);
  const shown = { hosts: hosts.join(', ') };
  const input = element('input', { className: 'control', type: 'text', inputMode: 'url', id: 'portal-video-address',
    autocomplete: 'off' });
  input.dataset.testid = 'video-address';
  input.setAttribute('aria-describedby', 'portal-video-hosts');
  const hint = element('p', { className: 'hint', id: 'portal-video-hosts', textContent: text('videoHosts', shown) });
  const insert = element('button', { className: 'btn primary', type: 'submit', textContent: text('insert') });
  const cancel = element('button', { className: 'btn', type: 'button', textContent: text('cancel') });
  const form = element('form', { method: 'dialog' },
    element('div', { className: 'dialog-body' },
      element('h2', { id: 'portal-video-title', textContent: text('video') }),
      element('label', { htmlFor: input.id, textContent: text('videoAddress') }), input, hint),
    element('div', { className: 'dialog-foot' }, cancel, insert));
  const dialog = element('dialog', { className: 'dialog' }, form);
  dialog.dataset.testid = 'video-dialog';
  dialog.setAttribute('aria-labelledby', 'portal-video-title');
  const restore = host.keepCaret();
  cancel.addEventListener('click', () => dialog.close());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const address = videoAddress(input.value, hosts);
    if (!address) {
      hint.textContent = text('videoRefused', shown);
      hint.className = 'field-error';
      input.setAttribute('aria-invalid', 'true');
      input.focus();
      return;
    }
    dialog.close();
    restore();
    const link = element('a', { className: 'portal-video', href: address, textContent: address });
    host.insertHtml(element('p', {}, link).outerHTML);
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);  // outside the edit form: forms do not nest
  dialog.showModal();
}
