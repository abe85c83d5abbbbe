// The files shown in the library's dialog: which are chosen, and how keys walk over them.

export class Shelf {
  chosen = new Map();  // key -> what the server told of it, over all pages

  /** `most` may be chosen; those of `taken` are in the field already. */
  constructor(element, { most = 1, taken = [] }) {
    Object.assign(this, { element, most, taken });
    this.mark();
  }

  get tiles() {
    return [...this.element.querySelectorAll('[role="option"]')];
  }

  /** Put another page of files there. */
  fill(nodes) {
    this.element.replaceChildren(...nodes);
    this.element.scrollTop = 0;
    this.mark();
  }

  mark() {
    const full = this.chosen.size >= this.most;
    for (const tile of this.tiles) {
      const { key } = tile.dataset;
      const chosen = this.chosen.has(key);
      const taken = this.taken.includes(key);
      tile.ariaSelected = String(chosen || taken);
      tile.ariaDisabled = String(taken || (full && !chosen));
    }
  }

  /** Choose a file or leave it; false when it can't be chosen. */
  toggle(tile) {
    if (tile.ariaDisabled === 'true') return false;
    const { key, told } = tile.dataset;
    if (!this.chosen.delete(key)) this.chosen.set(key, JSON.parse(told));
    this.mark();
    return true;
  }

  /** Go to a file; Tab comes back to it. */
  walk(tile) {
    for (const other of this.tiles) other.tabIndex = other === tile ? 0 : -1;
    tile?.focus();
  }

  /** Where an arrow, Home or End leads; the files stand in rows as wide as the window lets them. */
  beside(tile, key) {
    const { tiles } = this;
    const at = tiles.indexOf(tile);
    const across = tiles.filter(({ offsetTop }) => offsetTop === tiles[0].offsetTop).length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Home: -at, End: tiles.length };
    const step = steps[key];
    return step === undefined ? undefined : tiles[at + step] ?? (step > 0 ? tiles.at(-1) : tile);
  }
}
