// The dialog that offers what is stored already. The server draws it; here are search, pages and the answer.

import { Shelf } from './library-shelf.js';
import { part } from './upload-widget.js';

const PAUSE = 250;

/** The server's answer; throws the status where there is none. */
async function ask(url, { signal, partial } = {}) {
  const headers = { 'HX-Request': 'true', ...partial && { 'HX-Request-Type': 'partial' } };
  const answer = await fetch(url, { headers, signal });
  if (!answer.ok) throw Object.assign(new Error(url), { status: answer.status });
  return new DOMParser().parseFromString(await answer.text(), 'text/html').body;
}

class Chooser {
  #asking;
  #timer;

  constructor(dialog, url, room) {
    Object.assign(this, { dialog, url, taking: dialog.querySelector('[data-do="take"]'), shelf: new Shelf(part(dialog, 'shelf'), room) });
    dialog.addEventListener('click', ({ target }) => this.#click(target));
    dialog.addEventListener('keydown', (event) => this.#key(event));
    dialog.addEventListener('input', ({ target }) => this.#later(target.type === 'search' ? PAUSE : 0));
    dialog.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#later(0);
    });
  }

  /** Resolves when the dialog is closed. */
  answer() {
    const { dialog } = this;
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => {
        clearTimeout(this.#timer);
        this.#asking?.abort();
        dialog.remove();
        resolve(dialog.returnValue === 'take' ? [...this.shelf.chosen.values()] : []);
      });
    });
  }

  #say(name, n) {
    part(this.dialog, 'status').textContent = this.dialog.dataset[name].replace('{n}', n);
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(1), pause);
  }

  async #show(page) {
    this.#asking?.abort();
    const { signal } = this.#asking = new AbortController();
    const { element } = this.shelf;
    const url = new URL(this.url);
    for (const [name, value] of new FormData(part(this.dialog, 'wish'))) url.searchParams.set(name, value);
    url.searchParams.set('page', page);
    this.again = () => this.#show(page);
    element.ariaBusy = 'true';
    const found = await ask(url, { signal, partial: true }).catch(() => null);
    if (signal.aborted) return;
    element.ariaBusy = 'false';
    part(this.dialog, 'error').hidden = Boolean(found);
    if (!found) return;
    const within = element.contains(document.activeElement);
    this.shelf.fill(found.childNodes);
    const { tiles } = this.shelf;
    if (within) (tiles[0] ?? this.dialog.querySelector('[type="search"]')).focus();
    this.#say('textShown', tiles.length);
  }

  #choose(tile) {
    const { chosen } = this.shelf;
    if (!this.shelf.toggle(tile)) this.#say('textMost');
    else if (this.taking) this.#say('textChosen', chosen.size);
    else this.dialog.close('take');
    if (this.taking) this.taking.disabled = !chosen.size;
  }

  #click(target) {
    const { page, do: name } = target.closest('button')?.dataset ?? {};
    const tile = target.closest('[role="option"]');
    if (tile) {
      this.shelf.walk(tile);
      this.#choose(tile);
    } else if (page) this.#show(page);
    else if (name === 'again') this.again();
    else if (name) this.dialog.close(name);
  }

  #key(event) {
    const { target, key } = event;
    const tile = target.closest('[role="option"]');
    if (tile && (key === ' ' || key === 'Enter')) {
      event.preventDefault();
      if (key === ' ' || !this.shelf.chosen.size) this.#choose(tile);
      if (key === 'Enter' && this.shelf.chosen.size) this.dialog.close('take');
      return;
    }
    const next = tile ? this.shelf.beside(tile, key)
      : target.type === 'search' && key === 'ArrowDown' ? this.shelf.tiles[0] : undefined;
    if (!next) return;
    event.preventDefault();
    this.shelf.walk(next);
  }
}

/** Offer what the widget's field could hold; resolves to what was chosen, as an upload would have been answered. */
export async function choose({ dataset }, room) {
  const url = new URL(dataset.library, location.href);
  for (const name of ['resource', 'field']) url.searchParams.set(name, dataset[name]);
  const dialog = (await ask(url)).querySelector('dialog');
  document.body.append(dialog);
  return new Chooser(dialog, url, room).answer();
}
