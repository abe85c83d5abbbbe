// The order of a gallery, by pointer and by keys: Space lifts and drops, arrows move, Escape puts back; with Alt
// the arrows move at once.

import { announce, library } from './page.js';

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };

const gripOf = (tile) => tile.querySelector('.tile-grip');

export class Order {
  #lifted = null;
  #home = null;  // what came after the lifted tile

  /** `changed()` is called for each new order. */
  constructor(widget, changed) {
    Object.assign(this, { widget, changed });
    widget.addEventListener('keydown', (event) => this.#key(event));
    this.#drag();
  }

  async #drag() {
    const Sortable = await library(this.widget.dataset.sortable, 'Sortable');
    Sortable.create(this.widget.list, {
      draggable: '.gallery-tile',
      filter: 'input, .tile-remove, .btn',
      preventOnFilter: false,
      ghostClass: 'order-ghost',
      animation: 120,
      onEnd: this.changed,
    });
  }

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
      this.widget.list.insertBefore(tile, this.#home);
      this.#drop(tile, 'cancelled');
      if (key === 'Escape') gripOf(tile).focus();
    }
  }

  #place(tile) {
    return { n: this.widget.tiles.indexOf(tile) + 1, total: this.widget.tiles.length };
  }

  #lift(tile) {
    if (this.#lifted) this.#drop(this.#lifted, 'dropped');
    this.#lifted = tile;
    this.#home = tile.nextElementSibling;
    gripOf(tile).setAttribute('aria-pressed', 'true');
    announce('lifted', this.#place(tile));
  }

  #move(tile, by) {
    const { list, tiles } = this.widget;
    const others = tiles.filter((other) => other !== tile);
    const place = Math.min(Math.max(0, tiles.indexOf(tile) + by), others.length);
    list.insertBefore(tile, others[place] ?? null);
    gripOf(tile).focus();  // moving a node drops the focus
    announce('moved', this.#place(tile));
    if (tile !== this.#lifted) this.changed();
  }

  #drop(tile, word) {
    this.#lifted = null;
    gripOf(tile).setAttribute('aria-pressed', 'false');
    announce(word, this.#place(tile));
    this.changed();
  }
}
