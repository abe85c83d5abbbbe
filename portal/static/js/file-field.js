// <portal-file>: one document; and what it shares with <portal-image>.

import { upload } from './upload-request.js';
import { UploadWidget, part } from './upload-widget.js';

/** `1.2 MB`, `34 KB` */
export const weight = (size) =>
  (size >= 1048576 ? `${(size / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`);

export const about = ({ name, size, width, height }) =>
  [name, weight(size), width && `${width} × ${height}`].filter(Boolean).join(' · ');

export class FileField extends UploadWidget {
  #running;
  #retry;

  piece(name) {
    return part(this, name);
  }

  get key() {
    return this.piece('key').value;
  }

  take([file]) {
    const text = this.refusal(file);
    if (text) this.fail(text);
    else this.send({ file, name: file.name });
  }

  async send(what) {
    this.cancel();
    const running = this.#running = new AbortController();
    const { name } = what;
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
      this.changed(this.piece('key'));
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

  /** A stored file was chosen, and needs no upload. */
  picked([stored]) {
    this.cancel();
    this.#stop();
    this.fail('');
    this.filled(stored);
    this.say(this.dataset.textPicked, stored);
    this.changed(this.piece('key'));
  }

  clear() {
    this.cancel();
    this.piece('key').value = '';
    this.dataset.state = 'empty';
    this.piece('about').textContent = '';
    this.fail('');
    this.say(this.dataset.textRemoved);
    this.changed(this.piece('key'));
    this.input.focus();
  }

  act(name, button) {
    if (name === 'replace') this.input.click();
    else if (name === 'remove') this.clear();
    else if (name === 'cancel') this.cancel();
    else if (name === 'retry') this.#retry?.();
    else super.act(name, button);
  }
}

export class PortalFile extends FileField {}
