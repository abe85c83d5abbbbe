// <portal-image>: a picture is shown at once, cut if its field has a ratio, and sent.

import { failed } from './page.js';
import { cut, isPicture } from './crop-dialog.js';
import { FileField } from './file-field.js';
import { describe } from './upload-request.js';
import { fits } from './upload-widget.js';

export class PortalImage extends FileField {
  #before = '';
  #address = '';

  wire() {
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

  async picked([stored]) {
    if (fits(stored, this.dataset.ratio)) super.picked([stored]);
    else await this.#crop(stored);
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

  act(name, button) {
    if (name === 'crop') this.#crop(this.#stored);
    else super.act(name, button);
  }

  get #stored() {
    return { key: this.key, url: this.piece('picture').src, name: this.piece('about').textContent.split(' · ')[0] };
  }

  /** Have a stored picture cut anew. */
  async #crop({ key, url, name }) {
    const found = await cut(this, url);
    if (found) await this.send({ source: key, name, ...found });
  }

  async #describe(alt) {
    if (!this.key) return;
    if (await describe(this, this.key, alt)) this.say(this.dataset.textDescribed);
    else failed(0);
  }
}
