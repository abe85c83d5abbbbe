// The documentation of the API: shown by swagger-ui, tried with the reader's own rights, a token or a signing key.

import { failed, library } from './page.js';
import { sign } from './api-signature.js';

const place = document.getElementById('api-docs');
const form = document.querySelector('[data-api-caller]');
const entered = (name) => form.elements[name].value.trim();

/** The headers that say who calls. */
async function credentials({ method = 'GET', url, body }) {
  if (entered('key') && entered('secret')) {
    return sign(method.toUpperCase(), new URL(url, location.href), body, entered('key'), entered('secret'));
  }
  return { Authorization: entered('token') ? `Bearer ${entered('token')}` : place.dataset.token };
}

async function prepare(request) {
  const own = request.loadSpec ? { Authorization: place.dataset.token } : await credentials(request);
  request.headers = { ...request.headers, ...own };
  request.credentials = 'omit';
  return request;
}

function theme() {
  const { theme: chosen } = document.documentElement.dataset;
  document.documentElement.classList.toggle('dark-mode', chosen === 'dark');
}

async function download() {
  const headers = { Authorization: place.dataset.token };
  const answer = await fetch(place.dataset.document, { headers, credentials: 'omit' }).catch(() => null);
  if (!answer?.ok) return failed(answer?.status ?? 0);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = 'openapi.json';
  link.click();
  return URL.revokeObjectURL(link.href);
}

document.querySelector('[data-api-download]').addEventListener('click', download);
form.addEventListener('submit', (event) => event.preventDefault());
new MutationObserver(theme).observe(document.documentElement, { attributeFilter: ['data-theme'] });
theme();

const SwaggerUI = await library(place.dataset.bundle, 'SwaggerUIBundle');
SwaggerUI({
  domNode: place,
  url: place.dataset.document,
  requestInterceptor: prepare,
  validatorUrl: null,  // nobody else is asked
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
  filter: true,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { activated: false },
});
