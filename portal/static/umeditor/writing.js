// What is put into the text from outside, and where.

import { putBlocks } from './blocks.js';
import { findPlace } from './place.js';

export class Writing extends HTMLElement {
  editor = null;
  touched = false;

  /** What is written in. */
  get body() {
    return this.editor?.editor;
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
    this.#put(() => this.editor.s.insertNode(node));
  }

  insertHtml(html) {
    this.#put(() => this.editor.s.insertHTML(html));
  }

  /** All that is in there, blocks between blocks. */
  insertAll(body) {
    this.#put(() => {
      const { s } = this.editor;
      if (!s.isFocused()) {
        s.focus();
        s.restore();
      }
      const rest = putBlocks(this, body);
      if (rest) s.insertNode(rest, true, false);
    });
  }

  #put(insert) {
    this.touched = true;
    insert();
    this.editor.synchronizeValues();
    this.changed();
  }

  /** Another text altogether. */
  write(html) {
    this.touched = true;
    this.editor.value = html;
    this.changed();
    this.editor.focus();
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
