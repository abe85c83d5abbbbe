// <portal-image>: a picture is shown at once, cut if its field has a ratio, and sent.

import { failed } from './page.js';
import { cut, isPicture } from './crop-dialog.js';
import { FileField } from './file-field.js';
import { describe } from './upload-request.js';

export class PortalImage extends FileField {
  #before = '';
  #address = '';

  connectedCallback() {
    super.connectedCallback();
    this.#before = this.piece('picture').getAttribute('src') ?? '';
    this.addEventListener('change', ({ target }) => {
      if (target.dataset.doChange === 'alt') this.#describe(target.value);
    });
  }

  async send(what) {
    let { crop } = what;
    let shown = what.file;
    if (what.file && !crop && this.dataset.ratio && await isPicture(what.file)) {
      const found = await cut(this, what.file);
      if (!found) return;
      ({ crop } = found);
      shown = found.preview ?? shown;
    }
    this.#preview(what.preview ?? shown);
    await super.send({ ...what, crop, preview: what.preview ?? shown });
  }

  #preview(blob) {
    if (!blob) return;
    this.#forget();
    this.#address = URL.createObjectURL(blob);
    this.#picture(this.#address);
  }

  #picture(address) {
    const picture = this.piece('picture');
    picture.hidden = !address;
    if (address) picture.src = address;
    else picture.removeAttribute('src');
    this.querySelector('.upload-drop').classList.toggle('empty', !address);
  }

  #forget() {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = '';
  }

  filled(stored) {
    super.filled(stored);
    this.#before = stored.url;
    this.#picture(stored.url);
    this.#forget();
    this.piece('alt').value = stored.alt ?? '';
  }

  dropped() {
    this.#picture(this.#before);
    this.#forget();
  }

  clear() {
    super.clear();
    this.#before = '';
    this.#picture('');
    this.piece('alt').value = '';
  }

  act(name) {
    if (name === 'crop') this.#crop();
    else super.act(name);
  }

  async #crop() {
    const found = await cut(this, this.piece('picture').src);
    if (found) await this.send({ source: this.key, crop: found.crop, preview: found.preview });
  }

  async #describe(alt) {
    if (!this.key) return;
    if (await describe(this, this.key, alt)) this.say(this.dataset.textDescribed);
    else failed(0);
  }
}
