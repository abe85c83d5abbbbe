// The signature of a call, as docs/api/signing.md describes it.

const SCHEME = 'Fastor-HMAC-SHA256';
const bytes = (text) => new TextEncoder().encode(text);
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const nameOf = (pair) => pair.split('=')[0];

function compare(one, other) {
  if (nameOf(one) === nameOf(other)) return 0;
  return nameOf(one) < nameOf(other) ? -1 : 1;
}

/** The headers that sign a request to an address of this portal. */
export async function sign(method, address, body, key, secret) {
  const sent = typeof body === 'string' ? bytes(body) : new Uint8Array();
  const digest = base64(await crypto.subtle.digest('SHA-256', sent));
  const query = address.search.slice(1).split('&').sort(compare).join('&');
  const time = String(Math.floor(Date.now() / 1000));
  const nonce = crypto.randomUUID();
  const parts = [SCHEME, method, address.host, address.pathname, query, digest, time, nonce, key];
  const text = parts.map((part) => `${part.length}:${part},`).join('');
  const hmac = await crypto.subtle.importKey('raw', bytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = hex(await crypto.subtle.sign('HMAC', hmac, bytes(text)));
  return {
    Authorization: `${SCHEME} key=${key}, time=${time}, nonce=${nonce}, signature=${signature}`,
    'Content-Digest': `sha-256=:${digest}:`,
  };
}
