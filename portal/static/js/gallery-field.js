// <portal-gallery>: pictures in an order, sent two at a time, ordered by pointer and by keys.

import { announce, failed, library } from './page.js';
import { isPicture, cut } from './crop-dialog.js';
import { filesOf } from './file-field.js';
import { describe, refusal, upload } from './upload-request.js';

const PARALLEL = 2;
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };

const part = (element, name) => element.querySelector(`[data-part="${name}"]`);

export class PortalGallery extends HTMLElement {
  #queue = [];
  #active = 0;
  #work = new WeakMap();  // tile -> what is being sent for it
  #lifted = null;
  #home = null;
  #ready = false;

  connectedCallback() {
    if (this.#ready) return;
    this.#ready = true;
    const { input } = this;
    if (!input || 'fixed' in this.dataset) return;
    input.removeAttribute('name');
    input.addEventListener('change', (event) => {
      event.stopPropagation();
      const files = [...input.files];
      input.value = '';
      this.take(files);
    });
    this.addEventListener('click', (event) => this.#click(event));
    this.addEventListener('change', (event) => this.#describe(event));
    this.addEventListener('keydown', (event) => this.#key(event));
    for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
      this.addEventListener(name, (event) => this.#drag(event));
    }
    this.#sortable();
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (!this.isConnected) for (const tile of this.tiles) this.#work.get(tile)?.running?.abort();
    });
  }

  get input() {
    return this.querySelector('.upload-input');
  }

  get list() {
    return part(this, 'tiles');
  }

  get tiles() {
    return [...this.list.children];
  }

  say(text = '', values = {}) {
    part(this, 'status').textContent = text.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
  }

  changed() {
    for (const name of ['input', 'change']) this.list.dispatchEvent(new Event(name, { bubbles: true }));
  }

  #refuse(text) {
    part(this, 'refused').hidden = !text;
    part(this, 'reason').textContent = text;
  }

  async take(files) {
    this.#refuse('');
    for (const file of files) {
      const { most, ratio, textMost } = this.dataset;
      const text = most && this.tiles.length >= Number(most) ? textMost.replace('{n}', most)
        : refusal(file, this.dataset);
      if (text) {
        this.#refuse(text);
        continue;
      }
      // one question after the other
      const found = ratio && await isPicture(file) ? await cut(this, file) : {};
      if (found) this.#add(file, found);
    }
  }

  #add(file, { crop, preview }) {
    const template = this.querySelector(':scope > template[data-part="tile"]');
    const tile = template.content.firstElementChild.cloneNode(true);
    const address = URL.createObjectURL(preview ?? file);
    part(tile, 'picture').src = address;
    this.list.append(tile);
    this.#work.set(tile, { file, crop, address });
    this.#enqueue(tile);
  }

  #enqueue(tile) {
    this.#show(tile, 0);
    part(tile, 'failed').hidden = true;
    this.#queue.push(tile);
    this.#next();
  }

  #next() {
    while (this.#active < PARALLEL && this.#queue.length) {
      this.#active += 1;
      this.#send(this.#queue.shift()).finally(() => {
        this.#active -= 1;
        this.#next();
      });
    }
  }

  async #send(tile) {
    const work = this.#work.get(tile);
    const { file, crop } = work;
    work.running = new AbortController();
    this.say(this.dataset.textSending, file);
    const { signal } = work.running;
    try {
      const stored = await upload(this, { file, crop, signal, onProgress: (done) => this.#show(tile, done) });
      this.#filled(tile, stored);
    } catch ({ message }) {
      part(tile, 'progress').hidden = true;
      part(tile, 'failed').hidden = false;
      part(tile, 'error').textContent = message;
    }
  }

  #show(tile, done) {
    part(tile, 'progress').hidden = false;
    part(tile, 'sending').textContent = this.#work.get(tile).file.name;
    tile.querySelector('.progress').value = done * 100;
  }

  #filled(tile, stored) {
    const key = part(tile, 'key');
    tile.dataset.key = key.value = stored.key;
    key.disabled = false;
    key.checked = true;
    part(tile, 'progress').hidden = true;
    part(tile, 'alt').hidden = false;
    part(tile, 'picture').src = stored.preview ?? stored.url;
    URL.revokeObjectURL(this.#work.get(tile).address);
    this.say(this.dataset.textDone, stored);
    this.changed();
  }

  #remove(tile) {
    this.#work.get(tile)?.running?.abort();
    this.#queue = this.#queue.filter((other) => other !== tile);
    const beside = tile.nextElementSibling ?? tile.previousElementSibling;
    tile.remove();
    this.#refuse('');
    this.say(this.dataset.textRemoved);
    (beside?.querySelector('[data-do="remove"]') ?? this.input).focus();
    this.changed();
  }

  #click({ target }) {
    const tile = target.closest('.gallery-tile');
    const name = target.closest('[data-do]')?.dataset.do;
    if (!tile || !name) return;
    if (name === 'remove') this.#remove(tile);
    else if (name === 'cancel') this.#cancel(tile);
    else if (name === 'retry') this.#enqueue(tile);
  }

  #cancel(tile) {
    const work = this.#work.get(tile);
    if (work.running) work.running.abort();
    else this.#remove(tile);
  }

  async #describe({ target }) {
    const key = target.closest('.gallery-tile')?.dataset.key;
    if (target.dataset.doChange !== 'alt' || !key) return;
    if (await describe(this, key, target.value)) this.say(this.dataset.textDescribed);
    else failed(0);
  }

  #drag(event) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const inside = event.type === 'dragover' || event.type === 'dragenter';
    this.querySelector('.upload-drop').classList.toggle('over', inside);
    if (event.type === 'drop') this.take(filesOf(event.dataTransfer));
  }

  async #sortable() {
    const Sortable = await library(this.dataset.sortable, 'Sortable');
    Sortable.create(this.list, {
      draggable: '.gallery-tile',
      filter: 'input, .tile-remove, .btn',
      preventOnFilter: false,
      ghostClass: 'order-ghost',
      animation: 120,
      onEnd: () => this.changed(),
    });
  }

  // Space lifts and drops, arrows move, Escape puts back; with Alt they move at once.
  #key(event) {
    const tile = event.target.closest('.tile-grip')?.closest('.gallery-tile');
    if (!tile) return;
    const { key, altKey } = event;
    const held = tile === this.#lifted;
    if (key === ' ' || key === 'Enter') {
      event.preventDefault();
      if (held) this.#drop(tile, 'dropped');
      else this.#lift(tile);
    } else if (key in STEPS && (held || altKey)) {
      event.preventDefault();
      this.#move(tile, STEPS[key]);
    } else if ((key === 'Escape' || key === 'Tab') && held) {
      this.list.insertBefore(tile, this.#home);
      this.#drop(tile, 'cancelled');
      if (key === 'Escape') tile.querySelector('.tile-grip').focus();
    }
  }

  #place(tile) {
    return { n: this.tiles.indexOf(tile) + 1, total: this.tiles.length };
  }

  #lift(tile) {
    if (this.#lifted) this.#drop(this.#lifted, 'dropped');
    this.#lifted = tile;
    this.#home = tile.nextElementSibling;
    tile.querySelector('.tile-grip').setAttribute('aria-pressed', 'true');
    announce('lifted', this.#place(tile));
  }

  #move(tile, by) {
    const others = this.tiles.filter((other) => other !== tile);
    const place = Math.min(Math.max(0, this.tiles.indexOf(tile) + by), others.length);
    this.list.insertBefore(tile, others[place] ?? null);
    tile.querySelector('.tile-grip').focus();  // moving a node drops the focus
    announce('moved', this.#place(tile));
    if (tile !== this.#lifted) this.changed();
  }

  #drop(tile, word) {
    this.#lifted = null;
    tile.querySelector('.tile-grip').setAttribute('aria-pressed', 'false');
    announce(word, this.#place(tile));
    this.changed();
  }
}
