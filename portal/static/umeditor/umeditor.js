// UMeditor's face: a classic script with `UM.getEditor(id)`, as older pages call it. New pages need only
// <portal-richtext> around a textarea; both end in element.js.

(() => {
  if (window.UM) return;

  const here = document.currentScript?.src
    ?? document.querySelector('script[src$="/umeditor/umeditor.js"]')?.src;
  const loaded = import(new URL('element.js', here).href);
  const editors = new Map();

  /** The textarea of that id; any other element is given one inside, as UMeditor did. */
  function textareaOf(id) {
    const found = document.getElementById(id);
    if (!found || found.tagName === 'TEXTAREA') return found;
    const textarea = document.createElement('textarea');
    textarea.name = found.getAttribute('name') ?? found.id;
    textarea.value = found.tagName === 'SCRIPT' ? found.textContent : found.innerHTML;
    found.replaceWith(textarea);
    textarea.id = id;
    return textarea;
  }

  /** UMeditor's events as those of the page. */
  function listen(element, textarea, name, callback) {
    if (name === 'contentchange') textarea.addEventListener('input', callback);
    else if (name === 'focus' || name === 'blur') {
      const event = { focus: 'focusin', blur: 'focusout' }[name];
      element.addEventListener(event, (found) => { if (!element.contains(found.relatedTarget)) callback(found); });
    } else element.addEventListener(name, callback);
  }

  function make(id) {
    const textarea = textareaOf(id);
    if (!textarea) throw new Error(`There is no #${id}`);
    let element = textarea.closest('portal-richtext');
    if (!element) {
      element = document.createElement('portal-richtext');
      element.dataset.legacy = '';
      textarea.before(element);
      element.append(textarea);
    }
    const started = loaded.then(() => element.started);
    const text = (html) => new DOMParser().parseFromString(html, 'text/html').body.textContent;
    return {
      getContent: () => textarea.value,
      hasContents: () => /<(img|hr|table)\b/i.test(textarea.value) || text(textarea.value).trim() !== '',
      setContent(html, append) {
        textarea.value = append ? textarea.value + html : html;
        element.refresh?.();
      },
      getPlainTxt: () => text(textarea.value.replace(/<br\b[^>]*>|<\/(p|div|h\d|li|tr|pre|blockquote)>/gi, '\n')).trim(),
      getContentTxt: () => text(textarea.value),
      focus() { started.then(() => element.focus()); },
      sync() {},  // the textarea is always in step
      ready(callback) { started.then(() => callback.call(this)); },
      addListener(names, callback) {
        for (const name of names.trim().split(/\s+/)) {
          if (name === 'ready') this.ready(callback);
          else listen(element, textarea, name.toLowerCase(), callback.bind(this));
        }
      },
      destroy() {
        editors.delete(id);
        started.then(() => element.takeDown());
      },
    };
  }

  window.UM = {
    getEditor(id) {
      if (!editors.get(id) || !document.getElementById(id)) editors.set(id, make(id));
      return editors.get(id);
    },
  };
})();
