// <portal-richtext>: Jodit around a plain <textarea>, which stays the form's field and is always in step.

import { Draft, draftBar, markSent } from './draft.js';
import { loadJodit } from './load.js';
import { watchPasting } from './paste.js';
import { Pictures } from './pictures.js';
import { findPlace } from './place.js';
import { settings } from './settings.js';
import { statusLine } from './status.js';
import { textsOf } from './texts.js';
import { describe, watchTouching } from './form.js';

class PortalRichtext extends HTMLElement {
  editor = null;
  touched = false;
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

  /** What is written in. */
  get body() {
    return this.editor?.editor;
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
    // Jodit works on a copy, so that nothing it straightens out on its own looks like a change.
    const copy = document.createElement('textarea');
    copy.className = 'jodit-shadow';
    copy.value = this.textarea.value;
    copy.hidden = true;
    this.textarea.after(copy);
    this.editor = Jodit.make(copy, settings(this));
    this.#sent = this.textarea.value;
    this.#plain = this.editor.value;
    this.touched = false;
    this.#wire();
    this.dataset.ready = '';
    this.dispatchEvent(new CustomEvent('portal:editor', { bubbles: true }));
  }

  #wire() {
    const { textarea } = this;
    Object.assign(textarea, { tabIndex: -1 });
    textarea.setAttribute('aria-hidden', 'true');
    describe(this);
    this.editor.e.on('change', () => this.changed());
    if (!this.wired) {
      this.wired = true;
      watchTouching(this);
      watchPasting(this);
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
    this.#sent = this.textarea.value;
    this.#plain = this.editor.value;
    this.draft.keep(this.textarea.value, this.textarea.defaultValue);
  }

  #offer() {
    const { text } = this.draft;
    if (text === null || text === this.textarea.value) return;
    this.prepend(draftBar(this.text, {
      restore: () => this.#restore(text),
      discard: () => this.draft.drop(),
    }));
  }

  #restore(text) {
    this.touched = true;
    this.editor.value = text;
    this.changed();
    this.editor.focus();
  }

  /** Remember where the caret is; the answer puts it back. */
  keepCaret() {
    const range = this.editor.s.range.cloneRange();
    return () => {
      this.editor.focus();
      if (this.body.contains(range.startContainer)) this.editor.s.selectRange(range);
    };
  }

  insert(node) {
    this.touched = true;
    this.editor.s.insertNode(node);
    this.editor.synchronizeValues();
    this.changed();
  }

  insertHtml(html) {
    this.touched = true;
    this.editor.s.insertHTML(html);
    this.editor.synchronizeValues();
    this.changed();
  }

  placeOf(place) {
    this.touched = true;
    return this.body && findPlace(this.body, place);
  }

  focus() {
    if (this.editor) this.editor.focus();
    else this.textarea.focus();
  }
}

// Before htmx and whatever asks about unsaved changes.
window.addEventListener('submit', (event) => {
  const inside = [...event.target.querySelectorAll('portal-richtext')].filter(({ editor }) => editor);
  for (const host of inside) host.changed();
  const busy = inside.find(({ pictures }) => pictures.waiting);
  if (busy) {
    event.preventDefault();
    event.stopImmediatePropagation();
    busy.say(busy.text('waiting'), undefined, 'warn');
  } else if (inside.length) markSent(inside.map(({ draft }) => draft.key));
}, true);

if (!customElements.get('portal-richtext')) customElements.define('portal-richtext', PortalRichtext);
