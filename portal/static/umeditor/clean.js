// What is pasted, made plain: the leftovers of Word, WPS and WeChat go, pictures are sorted out. Comfort only:
// the server sanitises whatever it stores. What can't come along leaves a note; nothing is lost silently.

import { straightenLists, wordLists } from './lists.js';
import { cleanAttributes } from './styles.js';

const GONE = 'script, style, meta, link, title, xml, noscript, template, input, select, option,'
  + '.Apple-interchange-newline';
const PLAYED = 'iframe, video, audio, embed, object, mpvoice, mpvideo, mp-common-videosnap';
const PICTURES = /background(?:-image)?:[^;]*?url\(\s*(?:&quot;|["'])?([^"')]+?)(?:&quot;|["'])?\s*\)/i;
const INLINE = 'span, a, b, strong, i, em, u, s, sub, sup';
const FULL = 'img, br, hr, a[href], table, em';

const unwrap = (node) => node.replaceWith(...node.childNodes);

/**
 * The HTML taken apart, without styles, at which the page's policy would take offence. Word draws some pictures in
 * comments only; those it repeats as an <img> are taken from there.
 */
export function parsed(html) {
  const shown = html
    .replace(/<style[\s\S]*?<\/style>/gi, '')
    .replace(/<!--\[if gte vml 1\]>([\s\S]*?)<!\[endif\]-->(\s*<!\[if !vml\]>)?/gi, (_all, drawn, repeated) => {
      const pictures = repeated ? [] : drawn.match(/<v:imagedata[^>]*>/gi) ?? [];
      return pictures.map((tag) => tag.replace(/^<v:imagedata/i, '<img')).join('');
    })
    .replace(/<!--[\s\S]*?-->|<!\[[^\]]*\]>/g, '');
  return new DOMParser().parseFromString(shown, 'text/html').body;
}

/** Elements of Office's own names, and what Google wraps everything in, which is no bold text. */
function wrappers(body) {
  for (const node of [...body.querySelectorAll('*')].filter(({ tagName }) => tagName.includes(':'))) {
    if (node.tagName === 'V:IMAGEDATA') {
      const image = document.createElement('img');
      image.setAttribute('src', node.getAttribute('src') ?? '');
      node.before(image);
    }
    unwrap(node);
  }
  for (const node of [...body.querySelectorAll('b[style], strong[style]')]) {
    if (/(^|;)\s*font-weight:\s*(normal|400)/i.test(node.getAttribute('style'))) unwrap(node);
  }
}

/** Pictures that are painted as a background, as the layouts of WeChat do. */
function backgrounds(body) {
  for (const node of body.querySelectorAll('[style*="url("]')) {
    const [, source] = PICTURES.exec(node.getAttribute('style')) ?? [];
    if (!source) continue;
    const image = document.createElement('img');
    image.setAttribute('src', source);
    if (node.closest('svg')) node.closest('svg').before(image);
    else node.prepend(image);
  }
  for (const drawing of [...body.querySelectorAll('svg')]) drawing.remove();
}

/** Films and sounds: a link to where they play, or a note. */
function played(body, { missing, isVideo }) {
  for (const node of [...body.querySelectorAll(PLAYED)]) {
    if (!node.isConnected) continue;  // was inside another one
    const inside = node.querySelector('source[src], embed[src]');
    const source = node.getAttribute('data-src') || node.getAttribute('src') || node.getAttribute('data')
      || inside?.getAttribute('src') || '';
    const address = /^https?:/i.test(source) ? source : /^\/\//.test(source) ? `https:${source}` : '';
    const paragraph = document.createElement('p');
    paragraph.append(address ? Object.assign(document.createElement('a'), {
      href: address, className: isVideo(address) ? 'portal-video' : '', textContent: address,
    }) : missing(node.getAttribute('name') || node.tagName.toLowerCase()));
    (node.closest('p') ?? node).after(paragraph);
    node.remove();
  }
}

/** WeChat wraps everything in <section>: those around blocks go, those around words become paragraphs. */
function sections(body) {
  for (const section of [...body.querySelectorAll('section')].reverse()) {
    if (section.querySelector('section, p, div, ul, ol, table, blockquote, h1, h2, h3, h4, h5, h6')
      || section.closest('p, li, td, th')) unwrap(section);
    else {
      const paragraph = document.createElement('p');
      paragraph.append(...section.childNodes);
      section.replaceWith(paragraph);
    }
  }
}

function pictures(body, picture) {
  for (const image of body.querySelectorAll('img')) {
    const [source] = ['data-src', 'data-original', 'src'].map((name) => image.getAttribute(name)).filter(Boolean);
    image.removeAttribute('data-src');
    image.removeAttribute('data-original');
    const instead = picture(source ?? '', image);
    if (instead !== image) image.replaceWith(instead);
  }
}

/**
 * The cleaned body of pasted HTML. `picture(src, image)` says what stands in a picture's place: the image itself or
 * another node; `missing(name)` makes the note for a film or sound that has no address, `isVideo` knows the players.
 */
export function cleaned(html, { picture, ...films }) {
  const body = parsed(html);
  for (const node of body.querySelectorAll(GONE)) node.remove();
  wordLists(body);
  wrappers(body);
  backgrounds(body);
  played(body, films);
  sections(body);
  straightenLists(body);
  for (const node of [...body.querySelectorAll('*')]) cleanAttributes(node);
  for (const span of [...body.querySelectorAll('span:not([style]), a:not([href]), form, button, textarea')]) unwrap(span);
  pictures(body, picture);
  for (const node of [...body.querySelectorAll(INLINE)].reverse()) {
    if (!node.textContent && !node.querySelector(FULL)) node.remove();
  }
  for (const p of [...body.querySelectorAll('p')]) if (!p.textContent.trim() && !p.querySelector(FULL)) p.remove();
  return body;
}
