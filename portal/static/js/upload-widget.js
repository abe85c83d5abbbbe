// What picture, gallery and file fields share: files come by choosing, dropping, pasting, or from the library.

import { failed } from './page.js';
import { refusal } from './upload-request.js';

const DRAGGING = ['dragenter', 'dragover', 'dragleave', 'drop'];

/** The files of a drop or a paste. */
export const filesOf = (transfer) => [...transfer?.files ?? []];

/** A piece of a widget, or of one of its tiles. */
export const part = (element, name) => element.querySelector(`[data-part="${name}"]`);

/** Whether a stored picture has the field's ratio, as exactly as whole pixels can. */
export function fits({ width, height }, ratio) {
  if (!ratio || !width || !height) return true;
  const [across, down] = ratio.split(':').map(Number);
  return Math.abs(width * down - height * across) <= Math.max(across, down);
}

export class UploadWidget extends HTMLElement {
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
    this.addEventListener('click', ({ target }) => {
      const button = target.closest('[data-do]');
      if (button) this.act(button.dataset.do, button);
    });
    for (const name of DRAGGING) this.addEventListener(name, (event) => this.#drag(event));
    this.wire();
  }

  /** What is cut short here is of no use any more. */
  disconnectedCallback() {
    queueMicrotask(() => !this.isConnected && this.cancel());
  }

  /** Listeners of the kind's own. */
  wire() {}

  get input() {
    return this.querySelector('.upload-input');
  }

  /** For screen readers. */
  say(text = '', values = {}) {
    const filled = text.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
    part(this, 'status').textContent = filled;
    return filled;
  }

  /** Tell the form: `element` lies within the field. */
  changed(element) {
    for (const name of ['input', 'change']) element.dispatchEvent(new Event(name, { bubbles: true }));
  }

  /** Why a file is not taken; '' where it may be sent. */
  refusal(file) {
    return refusal(file, this.dataset);
  }

  act(name, button) {
    if (name === 'library') this.#choose(button);
  }

  /** How many more may be chosen in the library, and which are here already. */
  get room() {
    return { most: 1, taken: [] };
  }

  async #choose(button) {
    if (button.ariaBusy === 'true') return;
    button.ariaBusy = 'true';
    try {
      const { choose } = await import('./library-dialog.js');
      const files = await choose(this, this.room);
      if (files.length) await this.picked(files);
    } catch ({ status = 0 }) {
      failed(status);
    }
    button.ariaBusy = null;
    if (this.isConnected) button.focus();
  }

  #drag(event) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const inside = event.type === 'dragover' || event.type === 'dragenter';
    this.querySelector('.upload-drop').classList.toggle('over', inside);
    if (event.type === 'drop') this.take(filesOf(event.dataTransfer));
  }
}
