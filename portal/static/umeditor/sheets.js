// Jodit marks chosen cells with a <style>, which the page's policy forbids. It is given a hidden element instead, and
// what it writes there becomes a sheet made by script, which the policy allows.

function adopted(element) {
  element.hidden = true;
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  new MutationObserver(() => sheet.replaceSync(element.textContent)).observe(element, { childList: true });
  return element;
}

/** The editor, with all styles that it makes later on. */
export function withSheets(editor) {
  const { create } = editor;
  const make = create.element.bind(create);
  create.element = (tag, ...more) => (tag === 'style' ? adopted(make('div', ...more)) : make(tag, ...more));
  return editor;
}
