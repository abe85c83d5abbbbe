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
    return {
      getContent: () => textarea.value,
      setContent(html, append) {
        textarea.value = append ? textarea.value + html : html;
        element.refresh?.();
      },
      getPlainTxt: () => new DOMParser().parseFromString(textarea.value, 'text/html').body.textContent,
      sync() {},  // the textarea is always in step
      ready(callback) { started.then(() => callback.call(this)); },
      addListener(name, callback) {
        const event = { contentChange: 'input', contentchange: 'input', ready: 'portal:editor' }[name] ?? name;
        element.addEventListener(event, callback);
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
