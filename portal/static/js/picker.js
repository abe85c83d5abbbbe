// <portal-picker>: its <select> becomes a search-as-you-type field (Tom Select) fed by data-url.

import { always, failed, library, meta } from './page.js';

/** Resolves when the panel is opened for the first time: most lists are read without filtering them. */
const shown = (panel) => (!panel || panel.matches(':popover-open') ? undefined
  : new Promise((resolve) => { panel.addEventListener('beforetoggle', resolve, { once: true }); }));

class PortalPicker extends HTMLElement {
  #widget;
  #more;
  #found = new Set();

  async connectedCallback() {
    for (const control of this.querySelectorAll('.picker-find :is(input, button)')) control.disabled = true;
    await shown(this.closest('[popover]'));
    const TomSelect = await library(meta('portal-tom-select'), 'TomSelect');
    if (!this.isConnected || this.#widget) return;
    const select = this.querySelector('select');
    this.#widget = new TomSelect(select, this.#settings(select));
    this.#more = document.createElement('div');
    this.#more.className = 'more';
    this.#more.textContent = this.dataset.textMore ?? '';
    this.#more.hidden = true;
    this.#widget.dropdown.append(this.#more);
    const label = document.getElementById(`${select.id}-ts-label`);
    if (label) select.setAttribute('aria-labelledby', label.id);
    this.describe();
  }

  /** Moving the element keeps the widget; only one that is really gone is taken down. */
  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#widget?.destroy();
      this.#widget = undefined;
    });
  }

  #settings(select) {
    const picker = this;
    const { textClear, textRemove, textEmpty, placeholder } = this.dataset;
    return {
      plugins: select.multiple ? { remove_button: { title: textRemove } }
        : select.required ? {} : { clear_button: { title: textClear } },
      ...placeholder && { placeholder },  // without one, the empty option's text
      hidePlaceholder: true,
      allowEmptyOption: false,
      copyClassesToDropdown: false,
      maxOptions: 100,
      loadThrottle: 200,
      preload: 'focus',
      searchField: [],
      score: () => ({ value }) => (picker.#found.has(value) ? 1 : 0),  // the server has searched and sorted
      shouldLoad: () => true,
      load(query, done) { picker.#load(this, query, done); },
      onDropdownOpen() { picker.#show(); },
      onItemAdd() { if (select.multiple) this.setTextboxValue(''); },
      render: {
        option: ({ text, hint }, escape) =>
          `<div><span>${escape(text)}</span>${hint ? `<small>${escape(hint)}</small>` : ''}</div>`,
        no_results: (_, escape) => `<div class="no-results">${escape(textEmpty ?? '')}</div>`,
        loading: () => null,
        not_loading: () => null,
      },
    };
  }

  async #load(widget, query, done) {
    const url = new URL(this.dataset.url, location.href);
    url.searchParams.set('q', query);
    let page;
    try {
      const answer = await fetch(url, { headers: { Accept: 'application/json', 'HX-Request': 'true' } });
      if (!answer.ok) throw Object.assign(new Error(), { status: answer.status });
      page = await answer.json();
    } catch ({ status = 0 }) {
      failed(status);
      done();
      return;
    }
    this.#found = new Set(page.options.map(({ value }) => value));
    widget.clearOptions(({ value }) => widget.items.includes(String(value)));
    widget.loadedSearches = {};  // what was found before is gone, so it may be asked for again
    this.#more.hidden = !page.more;
    done(page.options);
    this.#show();
  }

  /** Not below the window's edge or the save bar. */
  #show() {
    if (this.#widget?.isOpen) this.#widget.dropdown.scrollIntoView({ block: 'nearest' });
  }

  /** Ties the field's label and error to what is really focused; a morph leaves this element alone, but not them. */
  describe() {
    const input = this.#widget?.control_input;
    if (!input) return;
    const label = this.closest('.field')?.querySelector(`label[for="${CSS.escape(this.#widget.input.id)}"]`);
    if (label) Object.assign(label, { htmlFor: input.id, id: `${this.#widget.input.id}-ts-label` });
    const error = this.closest('.field')?.querySelector('.field-error');
    input.toggleAttribute('aria-invalid', false);
    if (error) input.setAttribute('aria-invalid', 'true');
    const notes = [error?.id, this.closest('.field')?.querySelector('.hint')?.id].filter(Boolean).join(' ');
    if (notes) input.setAttribute('aria-describedby', notes);
    else input.removeAttribute('aria-describedby');
  }

  focus() {
    this.#widget?.focus();
  }
}

if (!customElements.get('portal-picker')) customElements.define('portal-picker', PortalPicker);

always(() => {
  for (const picker of document.querySelectorAll('portal-picker')) picker.describe();
});

// The error summary links to the select, which now is hidden.
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="#"]');
  const picker = link && document.getElementById(link.hash.slice(1))?.closest('portal-picker');
  if (!picker) return;
  event.preventDefault();
  picker.focus();
});
