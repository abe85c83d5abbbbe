// <portal-gallery>: pictures in an order.

import { failed } from './page.js';
import { cut, isPicture } from './crop-dialog.js';
import { Order } from './gallery-order.js';
import { Queue } from './gallery-queue.js';
import { describe } from './upload-request.js';
import { UploadWidget, fits, part } from './upload-widget.js';

export class PortalGallery extends UploadWidget {
  #queue = new Queue(this, (tile, stored) => {
    this.#fill(tile, stored);
    this.say(this.dataset.textDone, stored);
  });

  wire() {
    new Order(this, () => this.changed(this.list));
    this.addEventListener('change', ({ target }) => {
      if (target.dataset.doChange === 'alt') this.#describe(target);
    });
  }

  get list() {
    return part(this, 'tiles');
  }

  get tiles() {
    return [...this.list.children];
  }

  get room() {
    const most = Number(this.dataset.most || Infinity) - this.tiles.length;
    return { most, taken: this.tiles.map(({ dataset }) => dataset.key) };
  }

  get #full() {
    return this.room.most > 0 ? '' : this.dataset.textMost.replace('{n}', this.dataset.most);
  }

  cancel() {
    for (const tile of this.tiles) this.#queue.stop(tile);
  }

  #refuse(text) {
    part(this, 'refused').hidden = !text;
    part(this, 'reason').textContent = text;
  }

  async take(files) {
    this.#refuse('');
    for (const file of files) {
      const text = this.#full || this.refusal(file);
      if (text) {
        this.#refuse(text);
        continue;
      }
      // one question after the other
      const found = this.dataset.ratio && await isPicture(file) ? await cut(this, file) : {};
      if (found) this.#queue.add(this.#add(), { ...found, file, preview: found.preview ?? file, name: file.name });
    }
  }

  async picked(files) {
    this.#refuse('');
    for (const file of files) {
      if (fits(file, this.dataset.ratio)) this.#fill(this.#add(), file);
      else {
        const found = await cut(this, file.url);
        if (found) this.#queue.add(this.#add(), { ...found, source: file.key, name: file.name });
      }
    }
    this.say(this.dataset.textPicked, files[0]);
  }

  #add() {
    const template = this.querySelector(':scope > template[data-part="tile"]');
    const tile = template.content.firstElementChild.cloneNode(true);
    this.list.append(tile);
    return tile;
  }

  #fill(tile, stored) {
    const key = part(tile, 'key');
    tile.dataset.key = key.value = stored.key;
    key.disabled = false;
    key.checked = true;
    part(tile, 'progress').hidden = true;
    Object.assign(part(tile, 'alt'), { hidden: false, value: stored.alt ?? '' });
    part(tile, 'picture').src = stored.preview ?? stored.url;
    this.changed(this.list);
  }

  #remove(tile) {
    this.#queue.stop(tile);
    const beside = tile.nextElementSibling ?? tile.previousElementSibling;
    tile.remove();
    this.#refuse('');
    this.say(this.dataset.textRemoved);
    (beside?.querySelector('[data-do="remove"]') ?? this.input).focus();
    this.changed(this.list);
  }

  act(name, button) {
    const tile = button.closest('.gallery-tile');
    if (name === 'remove') this.#remove(tile);
    else if (name === 'cancel' && !this.#queue.stop(tile)) this.#remove(tile);
    else if (name === 'retry') this.#queue.again(tile);
    else if (name === 'library' && this.#full) this.#refuse(this.#full);
    else super.act(name, button);
  }

  async #describe(input) {
    const { key } = input.closest('.gallery-tile').dataset;
    if (!key) return;
    if (await describe(this, key, input.value)) this.say(this.dataset.textDescribed);
    else failed(0);
  }
}
