// One file on its way to the server: with progress, to be cancelled; forms wait until all have arrived.

import { meta } from './page.js';

const MEGA = 1024 * 1024;
const BIG = 16 * MEGA;  // from here on in parts
const ENDINGS = { jpeg: 'jpg', jpe: 'jpg', jfif: 'jpg' };
const running = new Map();  // what is on its way -> the widget it belongs to

/** The sentence that refuses a file before it is sent; '' when the server may look at it. */
export function refusal(file, { formats, max, textSize, textKind }) {
  const taken = formats.split(' ');
  const ending = file.name.toLowerCase().match(/\.([a-z0-9]+)$/)?.[1];
  if (ending && !taken.includes(ENDINGS[ending] ?? ending)) {
    return textKind.replace('{formats}', taken.join(', ').toUpperCase());
  }
  if (file.size > Number(max)) return textSize.replace('{n}', Math.round(Number(max) / MEGA * 10) / 10);
  return '';
}

/** Why an upload failed, in the server's words or the widget's. */
function reason(request, texts) {
  try {
    const { detail } = JSON.parse(request.responseText);
    if (detail) return detail;
  } catch {
    // no problem+json
  }
  return request.status === 401 ? texts.textSession : texts.textServer;
}

/**
 * Send a file, or (`source`) have a stored one cut anew. Resolves to the server's answer; rejects with an error
 * whose message is to be shown. `signal` cancels.
 */
export function upload(widget, what) {
  const sent = widget.dataset.parts && what.file?.size >= BIG ? inParts(widget, what) : atOnce(widget, what);
  running.set(sent, widget);
  const gone = () => running.delete(sent);
  sent.then(gone, gone);
  return sent;
}

async function inParts(widget, what) {
  const { send } = await import('./upload-parts.js').catch(() => { throw new Error(widget.dataset.textNetwork); });
  return send(widget, what);
}

function atOnce(widget, { file, source, crop, signal, onProgress }) {
  const { url, resource, field, ...texts } = widget.dataset;
  const address = new URL(url, location.href);
  address.searchParams.set('resource', resource);
  address.searchParams.set('field', field);
  if (source) address.searchParams.set('source', source);
  if (crop) address.searchParams.set('crop', crop.join(','));
  const body = new FormData();
  if (file) body.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();  // fetch tells no progress
    const fail = (text) => reject(new Error(text));
    request.open('POST', address);
    request.setRequestHeader('X-CSRFToken', meta('csrf-token'));
    request.setRequestHeader('Accept', 'application/json, application/problem+json');
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress?.(total ? loaded / total : 0));
    request.addEventListener('load', () => {
      if (request.status !== 201) return fail(reason(request, texts));
      try {
        return resolve(JSON.parse(request.responseText));
      } catch {
        return fail(texts.textServer);
      }
    });
    request.addEventListener('error', () => fail(texts.textNetwork));
    request.addEventListener('timeout', () => fail(texts.textNetwork));
    request.addEventListener('abort', () => fail(texts.textCancelled));
    signal?.addEventListener('abort', () => request.abort());
    request.send(source ? null : body);
  });
}

/** Keep the description of a stored picture; false when that failed. */
export async function describe(widget, key, alt) {
  const headers = { 'X-CSRFToken': meta('csrf-token') };
  try {
    const body = new URLSearchParams({ key, alt });
    return (await fetch(`${widget.dataset.url}/alt`, { method: 'POST', headers, body })).ok;
  } catch {
    return false;
  }
}

const of = (form) => [...running].filter(([, widget]) => form.contains(widget));

const held = new WeakSet();

/** A form is sent when the last of its uploads is there, and not at all when one failed. */
async function later(form, submitter, waiting) {
  held.add(form);
  for (const [, widget] of waiting) widget.say(widget.dataset.textWaiting);
  const ends = await Promise.allSettled(waiting.map(([sent]) => sent));
  await new Promise((resolve) => { setTimeout(resolve); });  // the widgets take over the keys, and send the next
  held.delete(form);
  if (ends.some(({ status }) => status === 'rejected')) return;
  if (form.isConnected) form.requestSubmit(submitter?.isConnected ? submitter : null);
}

// On the window, so that nobody else believes the form is on its way.
addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  const waiting = of(form);
  if (!waiting.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!held.has(form)) later(form, submitter, waiting);
}, true);
