// A big file in parts: to the portal, or straight to its storage, wherever it says. What has arrived is asked for
// first, so that a file that is chosen again after a reload goes on where it was.

import { Failure, ask, pause, put, retried } from './part-requests.js';
import { keep, kept } from './upload-memory.js';

const AT_ONCE = 3;

class PartedUpload {
  #stop = new AbortController();  // by the visitor, or by a part that fails for good
  #sent = new Map();
  #address;

  constructor(widget, { file, crop, onProgress }) {
    const { parts, resource, field } = widget.dataset;
    this.file = file;
    this.base = parts;
    this.query = new URLSearchParams({ resource, field });
    this.tail = crop ? `?crop=${crop.join(',')}` : '';
    this.onProgress = onProgress;
    this.name = [resource, field, file.name, file.size, file.lastModified].join('|');
  }

  get signal() {
    return this.#stop.signal;
  }

  async send() {
    const { id, part, parts } = await retried(() => this.#open(), this.signal);
    this.#address = `${this.base}/${id}`;
    const piece = (number) => this.file.slice((number - 1) * part, number * part);
    for (const number of parts) this.#tell(number, piece(number).size);
    const waiting = Array.from({ length: Math.ceil(this.file.size / part) }, (_, index) => index + 1)
      .filter((number) => !parts.includes(number));
    const work = async () => {
      while (waiting.length && !this.signal.aborted) {
        const number = waiting.shift();
        await retried(() => this.#part(number, piece(number)), this.signal);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const stored = await this.#done();
    keep(this.name);
    return stored;
  }

  stop() {
    this.#stop.abort();
  }

  /** The visitor wants it no more: the server need not keep what it has. */
  forget() {
    keep(this.name);
    if (this.#address) ask('POST', `${this.#address}/cancel`, { keepalive: true }).catch(() => {});
  }

  async #open() {
    const { signal } = this;
    const known = kept(this.name);
    try {
      if (known) return await ask('GET', `${this.base}/${known}`, { signal });
    } catch (failure) {
      if (![403, 404].includes(failure.status)) throw failure;
    }
    const body = new URLSearchParams({ name: this.file.name, size: this.file.size });
    const begun = await ask('POST', `${this.base}?${this.query}`, { body, signal });
    keep(this.name, begun.id);
    return begun;
  }

  async #part(number, bytes) {
    const { signal } = this;
    const { url } = await ask('GET', `${this.#address}/${number}`, { signal });
    await put(url, bytes, { signal, onBytes: (count) => this.#tell(number, count) });
    this.#tell(number, bytes.size);
  }

  #tell(number, count) {
    this.#sent.set(number, count);
    this.onProgress?.([...this.#sent.values()].reduce((sum, size) => sum + size, 0) / this.file.size);
  }

  /** An end whose answer was lost may still be under way (409). */
  async #done() {
    const { signal } = this;
    for (;;) {
      try {
        return await retried(() => ask('POST', `${this.#address}/done${this.tail}`, { signal }), signal);
      } catch (failure) {
        if (failure.status !== 409) throw failure;
        await pause(2000);
      }
    }
  }
}

/** As `upload` of upload-request.js; aborted by a widget that is still on the page, the upload is given up. */
export async function send(widget, { signal, ...what }) {
  const { textCancelled, textNetwork, textServer, textSession } = widget.dataset;
  const upload = new PartedUpload(widget, what);
  const stop = () => upload.stop();
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    return await upload.send();
  } catch (failure) {
    upload.stop();  // the other parts
    if (signal?.aborted) {
      if (widget.isConnected) upload.forget();
      throw new Error(textCancelled);
    }
    if (!(failure instanceof Failure)) throw failure;
    throw new Error(failure.message || { 0: textNetwork, 401: textSession }[failure.status] || textServer);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
