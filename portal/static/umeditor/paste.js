// Pasting and dropping: pictures are uploaded, HTML is cleaned before it comes in.

import { cleaned, parsed } from './clean.js';
import { note } from './pictures.js';
import { makePlace } from './place.js';

const MEANINGFUL = /<(table|p|h[1-6]|ul|ol|div|section)[\s>]/i;

/** Files, unless they are only the image of a text that comes along as HTML. */
function filesOf(data) {
  const html = data.getData('text/html');
  const written = MEANINGFUL.test(html) && parsed(html).textContent.trim();
  return written ? [] : [...data.files];
}

/** Upload picked, pasted or dropped files where the caret is. */
export function putFiles(host, files) {
  const pictures = files.filter(({ type }) => type.startsWith('image/'));
  if (pictures.length < files.length) host.say(host.text('onlyPictures'), undefined, 'error');
  for (const file of pictures) {
    const place = makePlace(host.text('uploading', { name: file.name }));
    host.insert(place);
    host.pictures.upload(file, place);
  }
}

function dataFile(source) {
  const [, type, base64, content] = /^data:(image\/[\w+.-]+)?(?:;[\w=-]+)*?(;base64)?,(.*)$/s.exec(source) ?? [];
  if (!type || !base64) return null;
  try {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    return new File([bytes], `pasted.${type.split('/')[1].replace('jpeg', 'jpg')}`, { type });
  } catch {
    return null;
  }
}

/** Where a picture comes from, as a note says it; of a file its name, for where it lies is nobody's business. */
function nameOf(source) {
  if (source.startsWith('data:')) return 'data:';
  if (/^(file|cid):/i.test(source)) return source.split(/[:/\\]/).at(-1).replace(/@.*/, '') || '?';
  return source.length > 120 ? `${source.slice(0, 120)}…` : source || '?';
}

/** Whether an address is of one of the sites whose videos are played; their players have hosts of their own. */
function isVideo(host, address) {
  const site = (name) => name.split('.').slice(-2).join('.').replace('-nocookie', '');
  const hosts = (host.dataset.videoHosts ?? '').split(/\s+/).filter(Boolean);
  return URL.canParse(address) && hosts.map(site).includes(site(new URL(address).hostname));
}

/** Bring HTML in: own pictures stay, those inside it are uploaded, those elsewhere leave a note. */
export function putHtml(host, html) {
  const uploads = [];
  const kept = new Set([...host.body.querySelectorAll('img')].map(({ src }) => src));
  const picture = (source, image) => {
    const file = dataFile(source);
    if (file) {
      const place = makePlace(host.text('uploading', { name: file.name }), image.alt);
      uploads.push([file, place]);
      return place;
    }
    const url = URL.canParse(source, location.href) && source ? new URL(source, location.href) : null;
    if (url?.origin === location.origin && url.protocol !== 'file:' && url.protocol !== 'blob:') {
      image.setAttribute('src', url.pathname + url.search);
      return image;
    }
    return url && kept.has(url.href) ? image : note(host.text('leftOut', { name: nameOf(source) }));
  };
  const missing = (name) => note(host.text('mediaLeftOut', { name }));
  const body = cleaned(html, { picture, missing, isVideo: (address) => isVideo(host, address) });
  host.insertAll(body);
  for (const [file, place] of uploads) host.pictures.upload(file, place);
}

/** Listens before Jodit does. */
export function watchPasting(host) {
  let own = false;
  const take = (event, data) => {
    if (!host.body?.contains(event.target) || own) return false;
    const files = filesOf(data);
    const html = data.getData('text/html');
    if (!files.length && !html) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type === 'drop') host.editor.s.insertCursorAtPoint(event.clientX, event.clientY);
    host.touched = true;
    if (files.length) putFiles(host, files);
    else putHtml(host, html);
    return true;
  };
  host.addEventListener('paste', (event) => take(event, event.clipboardData), true);
  host.addEventListener('drop', (event) => take(event, event.dataTransfer), true);
  host.addEventListener('dragover', (event) => {
    if (event.dataTransfer.types.includes('Files')) event.preventDefault();
  });
  host.addEventListener('dragstart', () => { own = true; }, true);
  document.addEventListener('dragend', () => { own = false; }, true);
}
