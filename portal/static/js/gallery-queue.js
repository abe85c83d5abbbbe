// The pictures of a gallery that are on their way: two at a time, each shown in its tile.

import { upload } from './upload-request.js';
import { part } from './upload-widget.js';

const PARALLEL = 2;

export class Queue {
  #waiting = [];
  #active = 0;
  #work = new WeakMap();  // tile -> what is being sent for it

  /** `arrived(tile, stored)` is called for each that is there. */
  constructor(widget, arrived) {
    Object.assign(this, { widget, arrived });
  }

  /** `what`: a file or the key of a source, the name and preview to show, the box to cut. */
  add(tile, what) {
    const address = what.preview && URL.createObjectURL(what.preview);
    if (address) part(tile, 'picture').src = address;
    this.#work.set(tile, { ...what, address });
    this.again(tile);
  }

  again(tile) {
    this.#show(tile, 0);
    part(tile, 'failed').hidden = true;
    this.#waiting.push(tile);
    this.#next();
  }

  /** Stop one; false when nothing was being sent for it. */
  stop(tile) {
    const running = this.#work.get(tile)?.running;
    this.#waiting = this.#waiting.filter((other) => other !== tile);
    running?.abort();
    return Boolean(running);
  }

  #next() {
    while (this.#active < PARALLEL && this.#waiting.length) {
      this.#active += 1;
      this.#send(this.#waiting.shift()).finally(() => {
        this.#active -= 1;
        this.#next();
      });
    }
  }

  async #send(tile) {
    const work = this.#work.get(tile);
    const { file, source, crop, name } = work;
    work.running = new AbortController();
    this.widget.say(this.widget.dataset.textSending, { name });
    const options = { file, source, crop, signal: work.running.signal, onProgress: (done) => this.#show(tile, done) };
    try {
      this.arrived(tile, await upload(this.widget, options));
      URL.revokeObjectURL(work.address);
    } catch ({ message }) {
      part(tile, 'progress').hidden = true;
      part(tile, 'failed').hidden = false;
      part(tile, 'error').textContent = message;
    }
    work.running = undefined;
  }

  #show(tile, done) {
    part(tile, 'progress').hidden = false;
    part(tile, 'sending').textContent = this.#work.get(tile).name;
    tile.querySelector('.progress').value = done * 100;
  }
}
