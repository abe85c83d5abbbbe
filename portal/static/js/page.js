// What behaviours share: the page's facts, cookies, toasts, announcements, requests.

export const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

/** Run now and after everything that htmx swaps in. */
export function always(callback) {
  callback();
  document.addEventListener('htmx:after:swap', callback);
}

/** Remember a choice for a year, where the server can read it. */
export function remember(name, value) {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  const path = meta('portal-path') || '/';
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=${path}; Max-Age=31536000; SameSite=Lax${secure}`;
}

/** Show a toast: a clone of the server's own markup for that tone. */
export function toast(text, tone = 'info') {
  const box = document.getElementById('toasts');
  const template = box?.querySelector(`template[data-tone="${tone}"]`);
  if (!template || !text) return;
  const item = template.content.firstElementChild.cloneNode(true);
  item.querySelector('p').textContent = text;
  box.append(item);
  document.dispatchEvent(new Event('portal:toasted'));
}

/** Say with the page's own words that a request failed; `status` 0 is a lost connection. */
export function failed(status) {
  const texts = document.getElementById('toasts')?.dataset ?? {};
  const known = { 0: texts.errorNetwork, 401: texts.errorSession, 403: texts.errorDenied };
  toast(known[status] ?? texts.errorServer, 'error');
}

/** Tell screen readers, with a text of #live. */
export function announce(name, values = {}) {
  const live = document.getElementById('live');
  const text = live?.dataset[name]?.replace(/\{(\w+)\}/g, (hole, key) => values[key] ?? hole);
  if (text) live.textContent = text;
  return text;
}

/** POST a form as htmx would; null when the server is out of reach. */
export async function post(url, fields) {
  const headers = {
    'X-CSRFToken': meta('csrf-token'),
    'HX-Request': 'true',
    'HX-Request-Type': 'partial',
    'HX-Current-URL': location.href,
  };
  try {
    return await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) });
  } catch {
    return null;
  }
}

/** Put an answer's HTML in the place of an element, partials and htmx attributes included. */
export const replace = (target, text) =>
  htmx.swap({ text, target, swap: 'outerHTML', sourceElement: document.body });

const scripts = new Map();

/** A third-party script, fetched when it is first needed; resolves to the global it makes. */
export function library(url, global) {
  if (!scripts.has(url)) {
    scripts.set(url, new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = url;
      script.addEventListener('load', () => resolve(window[global]));
      script.addEventListener('error', () => {
        scripts.delete(url);
        reject(new Error(`${url} did not load`));
      });
      document.head.append(script);
    }));
  }
  return scripts.get(url);
}
