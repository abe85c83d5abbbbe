// What is pasted, made plain: the leftovers of Word, WPS and WeChat go, pictures are sorted out. Comfort only:
// the server sanitises whatever it stores.

const GONE = 'script, style, meta, link, title, xml, iframe, object, embed, form, input, button, select, textarea,'
  + 'mp-common-profile, svg, noscript';
const NOISE = /^\s*(mso-|-webkit-|font-family|margin|text-indent|line-height|letter-spacing|outline|visibility|opacity|box-sizing|max-width|word-|overflow|clear|orphans|widows|caret-color|white-space|background:\s*(white|#fff)|color:\s*(windowtext|black|rgb\(0, 0, 0\)))/i;
const ATTRIBUTES = new Set(['href', 'src', 'alt', 'title', 'colspan', 'rowspan', 'style', 'width', 'height', 'target',
  'class', 'start', 'type', 'border', 'align', 'valign', 'data-src']);
const OWN_CLASS = /^portal-/;

const unwrap = (node) => node.replaceWith(...node.childNodes);

function cleanAttributes(node) {
  for (const { name, value } of [...node.attributes]) {
    const script = /^(href|src)$/.test(name) && /^\s*(javascript|vbscript):/i.test(value);
    if (!ATTRIBUTES.has(name) || script) node.removeAttribute(name);
  }
  if (node.className && !OWN_CLASS.test(node.className)) node.removeAttribute('class');
  const style = (node.getAttribute('style') ?? '').split(';')
    .filter((rule) => rule.trim() && !NOISE.test(rule)).join(';').trim();
  if (style) node.setAttribute('style', style);
  else node.removeAttribute('style');
}

/** Word's lists are paragraphs with a bullet of text; make lists of those that follow one another. */
function wordLists(body) {
  for (const item of [...body.querySelectorAll('p')].filter((p) => /mso-list:\s*l\d/i.test(p.getAttribute('style')))) {
    const bullet = [...item.querySelectorAll('span')].find((s) => /mso-list:\s*ignore/i.test(s.getAttribute('style')));
    const tag = /^\s*[\w一二三四五六七八九十]{1,3}[.)、]/.test(bullet?.textContent ?? '') ? 'ol' : 'ul';
    bullet?.remove();
    const before = item.previousElementSibling;
    const list = before?.dataset.word === tag ? before : document.createElement(tag);
    list.dataset.word = tag;
    if (list !== before) item.before(list);
    const li = document.createElement('li');
    li.append(...item.childNodes);
    list.append(li);
    item.remove();
  }
}

/** WeChat wraps everything in <section>: those around blocks go, those around words become paragraphs. */
function sections(body) {
  for (const section of [...body.querySelectorAll('section')].reverse()) {
    if (section.querySelector('section, p, div, ul, ol, table, blockquote, h1, h2, h3, h4, h5, h6')
      || section.closest('p, li')) unwrap(section);
    else {
      const paragraph = document.createElement('p');
      paragraph.append(...section.childNodes);
      section.replaceWith(paragraph);
    }
  }
}

/**
 * The cleaned body of pasted HTML. `picture(src, image)` says what stands in a picture's place:
 * the image itself or another node.
 */
export function cleaned(html, picture) {
  const { body } = new DOMParser().parseFromString(html.replace(/<!--[\s\S]*?-->|<!\[[^\]]*\]>/g, ''), 'text/html');
  for (const node of body.querySelectorAll(GONE)) node.remove();
  wordLists(body);
  for (const node of [...body.querySelectorAll('*')].filter((n) => n.tagName.includes(':'))) {
    if (node.tagName === 'V:IMAGEDATA') node.replaceWith(Object.assign(document.createElement('img'), { alt: '' }));
    else unwrap(node);
  }
  sections(body);
  for (const node of body.querySelectorAll('*')) cleanAttributes(node);
  for (const span of [...body.querySelectorAll('span, font')]) if (!span.attributes.length) unwrap(span);
  for (const image of body.querySelectorAll('img')) {
    const source = image.getAttribute('data-src') || image.getAttribute('src') || '';
    image.removeAttribute('data-src');
    const instead = picture(source, image);
    if (instead !== image) image.replaceWith(instead);
  }
  for (const node of body.querySelectorAll('[data-word]')) delete node.dataset.word;
  for (const p of [...body.querySelectorAll('p')]) if (!p.textContent.trim() && !p.querySelector('img, br')) p.remove();
  return body;
}
