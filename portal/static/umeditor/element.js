// <portal-richtext>: Jodit around a plain <textarea>, which stays the form's field and is always in step.

import { makeAccessible } from './accessible.js';
import { Draft, draftBar } from './draft.js';
import { loadJodit } from './load.js';
import { watchPasting } from './paste.js';
import { Pictures } from './pictures.js';
import { makeEditor } from './settings.js';
import { statusLine } from './status.js';
import { textsOf } from './texts.js';
import { describe, watchTouching } from './form.js';
import { Writing } from './writing.js';

class PortalRichtext extends Writing {
  #begun;
  #sent;
  #plain;

  get started() {
    this.#begun ??= this.#start();
    return this.#begun;
  }

  get textarea() {
    return this.querySelector(':scope > textarea');
  }

  connectedCallback() {
    if (this.textarea) this.started.catch(() => { this.#begun = undefined; });  // the textarea still works
  }

  /** Moving the element keeps the editor; only one that is really gone is taken down. */
  disconnectedCallback() {
    queueMicrotask(() => { if (!this.isConnected) this.takeDown(); });
  }

  takeDown() {
    this.draft?.stop();
    this.editor?.destruct();
    this.editor = null;
    this.#begun = undefined;
    delete this.dataset.ready;
  }

  async #start() {
    const Jodit = await loadJodit(this.dataset);
    if (!this.isConnected || this.editor) return;
    for (const old of this.querySelectorAll('.jodit-container, .jodit-shadow, .rich-status, .rich-draft')) old.remove();
    this.text = textsOf(this);
    this.pictures = new Pictures(this);
    this.say = statusLine(this);
    this.editor = makeEditor(Jodit, this);
    this.#agree();
    this.#wire();
    this.dataset.ready = '';
    this.dispatchEvent(new CustomEvent('portal:editor', { bubbles: true }));
  }

  /** Editor and textarea hold the same, each in its own words. */
  #agree() {
    this.#sent = this.textarea.value;
    this.#plain = this.editor.value;
    this.touched = false;
  }

  #wire() {
    const { textarea } = this;
    textarea.tabIndex = -1;
    textarea.setAttribute('aria-hidden', 'true');
    describe(this);
    this.editor.e.on('change', () => this.changed());
    if (!this.wired) {
      this.wired = true;
      watchTouching(this);
      watchPasting(this);
      makeAccessible(this);
      // Jodit tells of typing a moment later: too late for who saves at once.
      this.addEventListener('input', ({ target }) => { if (target === this.body) this.changed(); });
      textarea.addEventListener('input', ({ isTrusted }) => { if (isTrusted) this.refresh(); });
    }
    this.draft = new Draft(textarea.name);
    this.#offer();
  }

  /** Bring the textarea in step; what Jodit changed untouched counts as what was there. */
  changed() {
    if (!this.editor) return;
    const { value } = this.editor;
    if (!this.touched) {
      this.#plain = value;
      return;
    }
    const text = value === this.#plain ? this.#sent : value;
    if (text === this.textarea.value) return;
    this.textarea.value = text;
    this.textarea.dispatchEvent(new Event('input', { bubbles: true }));
    this.draft.keep(text, this.textarea.defaultValue);
  }

  /** The textarea was changed from outside. */
  refresh() {
    if (!this.editor) return;
    this.touched = false;
    this.editor.value = this.textarea.value;
    this.#agree();
    this.draft.keep(this.textarea.value, this.textarea.defaultValue);
  }

  #offer() {
    const { text } = this.draft;
    if (text === null || text === this.textarea.value) return;
    this.prepend(draftBar(this.text, {
      restore: () => this.write(text),
      discard: () => this.draft.drop(),
    }));
  }
}

if (!customElements.get('portal-richtext')) customElements.define('portal-richtext', PortalRichtext);
