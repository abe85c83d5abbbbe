// Attributes and styles of what is pasted: what only says "like the page it comes from" goes.

const KEPT = new Set(['color', 'background-color', 'text-align', 'text-decoration', 'font-weight', 'font-style',
  'font-size', 'vertical-align', 'float', 'width', 'height']);  // the server keeps few more
const SAME = { background: 'background-color', 'text-decoration-line': 'text-decoration' };
const PLAIN = {
  'font-weight': /^(normal|400)$/,
  'font-style': /^normal$/,
  'text-decoration': /^none/,
  'vertical-align': /^(baseline|bottom)$/,
  'text-align': /^(start|left)$/,
  float: /^none$/,
  color: /^(windowtext|black|initial|inherit|currentcolor)$/,
  'background-color': /^(none|white|transparent|initial|inherit)\b/,
};
const ATTRIBUTES = new Set(['href', 'src', 'alt', 'title', 'colspan', 'rowspan', 'style', 'width', 'height', 'target',
  'class', 'start', 'scope', 'span', 'data-src', 'data-original']);
const OWN_CLASS = /^portal-/;
const SIZED = { width: /^(IMG|TABLE|TD|TH|COL)$/, height: /^IMG$/ };
const SIZES = { pt: [9, 12.5], px: [12, 17] };

/** Red, green and blue of 0 to 255; null for a colour with a name, or one that shines through. */
function channels(value) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/.exec(value)?.[1];
  if (hex) return hex.match(hex.length === 3 ? /./g : /../g).map((part) => parseInt(part.padEnd(2, part), 16));
  const parts = /^rgba?\(([^)]*)\)$/.exec(value)?.[1].split(/[\s,/]+/).map(Number);
  return parts?.length >= 3 && (parts[3] ?? 1) > .5 ? parts.slice(0, 3) : null;
}

const grey = (rgb) => rgb && Math.max(...rgb) - Math.min(...rgb) <= 24;

/** The page's own black and white would be unreadable in the dark; sizes of plain text are those of the page. */
function isPlain(name, value) {
  if (PLAIN[name]?.test(value)) return true;
  const rgb = channels(value);
  if (name === 'color') return grey(rgb) && (Math.max(...rgb) <= 96 || Math.min(...rgb) >= 200);
  if (name === 'background-color') return grey(rgb) && Math.min(...rgb) >= 240;
  const [, size, unit] = (name === 'font-size' && /^([\d.]+)(pt|px)$/.exec(value)) || [];
  return unit !== undefined && size >= SIZES[unit][0] && size <= SIZES[unit][1];
}

function plainStyle(style, tag) {
  const rules = new Map();
  for (const rule of style.split(';')) {
    const colon = rule.indexOf(':');
    const said = rule.slice(0, colon).trim().toLowerCase();
    const name = SAME[said] ?? said;
    const value = rule.slice(colon + 1).trim().replace(/\s*!important$/i, '')
      .replace(/\d+\.\d{3,}/g, (number) => Number(Number(number).toFixed(2)));
    if (value && KEPT.has(name) && (SIZED[name]?.test(tag) ?? true)) rules.set(name, value);
  }
  const kept = [...rules].filter(([name, value]) => !isPlain(name, value.toLowerCase()));
  const ink = rules.get('color');
  const painted = kept.some(([name]) => name === 'background-color');
  if (painted && ink && !kept.some(([name]) => name === 'color')) kept.push(['color', ink]);  // black, but on yellow
  return kept.map(([name, value]) => `${name}: ${value}`).join('; ');
}

/** What older markup says by attributes, said by style: the server keeps no others. */
function modern(node) {
  const said = { 'text-align': node.tagName !== 'IMG' && node.getAttribute('align'),
    'background-color': node.getAttribute('bgcolor'), color: node.tagName === 'FONT' && node.getAttribute('color') };
  const rules = Object.entries(said).filter(([, value]) => value).map(([name, value]) => `${name}:${value}`);
  if (rules.length) node.setAttribute('style', [...rules, node.getAttribute('style') ?? ''].join(';'));
  if (node.tagName !== 'FONT') return node;
  const span = node.ownerDocument.createElement('span');
  span.setAttribute('style', node.getAttribute('style') ?? '');
  span.append(...node.childNodes);
  node.replaceWith(span);
  return span;
}

/** Leave an element what it may keep. */
export function cleanAttributes(found) {
  const node = modern(found);
  for (const { name, value } of [...node.attributes]) {
    const script = /^(href|src)$/.test(name) && /^\s*(javascript|vbscript):/i.test(value);
    if (!ATTRIBUTES.has(name) || script || SIZED[name]?.test(node.tagName) === false) node.removeAttribute(name);
  }
  if (node.className && !OWN_CLASS.test(node.className)) node.removeAttribute('class');
  const style = plainStyle(node.getAttribute('style') ?? '', node.tagName);
  if (style) node.setAttribute('style', style);
  else node.removeAttribute('style');
}
