// <portal-file>: one document; and what it shares with <portal-image>.

import { refusal, upload } from './upload-request.js';

/** `1.2 MB`, `34 KB` */
export const weight = (size) =>
  (size >= 1048576 ? `${(size / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`);

export const about = ({ name, size, width, height }) =>
  [name, weight(size), width && `${width} × ${height}`].filter(Boolean).join(' · ');

/** The files of a drop or a paste. */
export const filesOf = (transfer) => [...transfer?.files ?? []];

export class FileField extends HTMLElement {
  #running;
  #retry;
  #ready = false;

  connectedCallback() {
    if (this.#ready) return;
    this.#ready = true;
    const { input } = this;
    if (!input || 'fixed' in this.dataset) return;
    input.removeAttribute('name');
    input.addEventListener('change', (event) => {
      event.stopPropagation();  // nothing is changed before it is there
      const files = [...input.files];
      input.value = '';
      if (files.length) this.take(files);
    });
    this.addEventListener('click', (event) => this.#click(event));
    for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
      this.addEventListener(name, (event) => this.#drag(event));
    }
  }

  /** What is cut short here is of no use any more. */
  disconnectedCallback() {
    queueMicrotask(() => !this.isConnected && this.cancel());
  }

  get input() {
    return this.querySelector('.upload-input');
  }

  piece(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  get key() {
    return this.piece('key').value;
  }

  /** For screen readers. */
  say(text = '', values = {}) {
    const filled = text.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
    this.piece('status').textContent = filled;
    return filled;
  }

  changed() {
    for (const name of ['input', 'change']) this.piece('key').dispatchEvent(new Event(name, { bubbles: true }));
  }

  take([file]) {
    const text = refusal(file, this.dataset);
    if (text) this.fail(text);
    else this.send({ file });
  }

  async send(what) {
    this.cancel();
    const running = this.#running = new AbortController();
    const name = what.file?.name ?? this.piece('about').textContent.split(' · ')[0];
    this.#retry = () => this.send(what);
    this.fail('');
    this.show(0, this.say(this.dataset.textSending, { name }));
    const onProgress = (done) => this.show(done);
    try {
      const stored = await upload(this, { ...what, signal: running.signal, onProgress });
      if (this.#running !== running) return;
      this.#stop();
      this.filled(stored);
      this.say(this.dataset.textDone, { name });
      this.changed();
    } catch ({ message }) {
      if (this.#running !== running) return;
      this.#stop();
      this.dropped();
      this.fail(message, true);
    }
  }

  #stop() {
    this.#running = undefined;
    this.piece('progress').hidden = true;
  }

  cancel() {
    this.#running?.abort();
  }

  show(done, text) {
    this.piece('progress').hidden = false;
    this.querySelector('.progress').value = done * 100;
    if (text) this.piece('sending').textContent = text;
  }

  /** Say beside the field why not; '' takes it away. */
  fail(text, again = false) {
    this.piece('failed').hidden = !text;
    this.piece('error').textContent = text;
    this.querySelector('[data-do="retry"]').hidden = !again;
    this.input.toggleAttribute('aria-invalid', false);
    if (text) this.input.setAttribute('aria-invalid', 'true');
  }

  filled(stored) {
    this.piece('key').value = stored.key;
    this.dataset.state = 'filled';
    this.piece('about').textContent = about(stored);
    if (this.piece('about').matches('a')) this.piece('about').href = stored.url;
  }

  /** An upload came to nothing: what was there before is there still. */
  dropped() {}

  clear() {
    this.cancel();
    this.piece('key').value = '';
    this.dataset.state = 'empty';
    this.piece('about').textContent = '';
    this.fail('');
    this.say(this.dataset.textRemoved);
    this.changed();
    this.input.focus();
  }

  act(name) {
    if (name === 'replace') this.input.click();
    else if (name === 'remove') this.clear();
    else if (name === 'cancel') this.cancel();
    else if (name === 'retry') this.#retry?.();
  }

  #click({ target }) {
    const button = target.closest('[data-do]');
    if (button) this.act(button.dataset.do);
  }

  #drag(event) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const inside = event.type.endsWith('over') || event.type.endsWith('enter');
    this.querySelector('.upload-drop').classList.toggle('over', inside);
    if (event.type === 'drop') this.take(filesOf(event.dataTransfer));
  }
}

export class PortalFile extends FileField {}
