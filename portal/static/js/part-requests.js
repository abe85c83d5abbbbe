// What a file in parts is sent with: questions to the portal, bytes to wherever it says, and second tries.

import { meta } from './page.js';

const TRIES = 5;
const FIRST_PAUSE = 300;  // milliseconds, doubled with each try

export class Failure extends Error {
  /** `status` 0 is a lost connection; `detail` is the server's sentence. */
  constructor(status, detail) {
    super(detail ?? '');
    this.status = status;
  }
}

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const isPassing = ({ status }) => !status || status >= 500 || status === 408 || status === 429;

export async function ask(method, url, { body, signal, keepalive } = {}) {
  const headers = { 'X-CSRFToken': meta('csrf-token'), Accept: 'application/json, application/problem+json' };
  const answer = await fetch(url, { method, headers, body, signal, keepalive }).catch(() => { throw new Failure(0); });
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Failure(answer.status, told.detail);
  return told;
}

/** Nothing of ours goes along: the address may be that of a bucket. */
export function put(url, part, { signal, onBytes }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();  // fetch tells no progress
    const stop = () => request.abort();
    const refused = () => {
      let detail;
      try {
        ({ detail } = JSON.parse(request.responseText));
      } catch {
        // a bucket speaks XML
      }
      // 403: the address has run out, and the next one may do
      return new Failure(request.status === 403 ? 0 : request.status, detail);
    };
    request.open('PUT', url);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded }) => onBytes(loaded));
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', stop);
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(refused());
    });
    signal.addEventListener('abort', stop);
    request.send(part);
  });
}

/** Do it again, a little later each time, while that may help. */
export async function retried(work, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (failure) {
      if (signal.aborted || tries === TRIES || !isPassing(failure)) throw failure;
      await pause(FIRST_PAUSE * 2 ** (tries - 1));
    }
  }
}
