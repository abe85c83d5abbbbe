// [data-library-upload]: files are chosen or dropped anywhere on the page and go up one after another, each with
// its progress or the reason why not. Without a script it is a plain form.

import { meta, replace, toast } from './page.js';
import { refusal, upload } from './upload-request.js';

const AT_ONCE = 2;
const LINGER = 1500;  // ms that what has arrived stays in sight

const waiting = [];
let running = 0;
let added = 0;

const form = () => document.querySelector('[data-library-upload]');
const part = (item, name) => item.querySelector(`[data-part="${name}"]`);

function say(item, state, text = '') {
  item.dataset.state = state;
  part(item, 'state').textContent = text;
}

function remove(item) {
  item.remove();
  const list = document.getElementById('library-sending');
  if (list) list.hidden = !list.children.length;
}

function add(widget, file) {
  const item = document.getElementById('library-sent').content.firstElementChild.cloneNode(true);
  const list = document.getElementById('library-sending');
  part(item, 'name').textContent = file.name;
  list.append(item);
  list.hidden = false;
  const stop = new AbortController();
  item.addEventListener('click', ({ target }) => {
    if (!target.closest('[data-do="stop"]')) return;
    stop.abort();
    if (item.dataset.state !== 'sending') remove(item);
  });
  const refused = refusal(file, widget.dataset);
  if (refused) return say(item, 'failed', refused);
  say(item, 'waiting', widget.dataset.textWaiting);
  return waiting.push({ widget, file, item, stop });
}

async function send({ widget, file, item, stop }) {
  const bar = item.querySelector('progress');
  say(item, 'sending');
  try {
    await upload(widget, {
      file,
      signal: stop.signal,
      onProgress(done) {
        bar.value = Math.round(done * 100);
        part(item, 'state').textContent = `${bar.value} %`;
      },
    });
    added += 1;
    bar.value = 100;
    say(item, 'done', widget.dataset.textDone);
    setTimeout(remove, LINGER, item);
  } catch ({ message }) {
    say(item, 'failed', message);
  }
}

/** The list as it is now, with its folders. */
async function refresh() {
  const results = document.getElementById('results');
  if (!form() || !results) return;
  const headers = { 'HX-Request': 'true', 'HX-Request-Type': 'partial', 'X-CSRFToken': meta('csrf-token') };
  const answer = await fetch(location.href, { headers }).catch(() => null);
  if (answer?.ok) replace(results, await answer.text());
}

async function pump() {
  while (running < AT_ONCE && waiting.length) {
    const next = waiting.shift();
    if (next.stop.signal.aborted) continue;
    running += 1;
    send(next).finally(() => {
      running -= 1;
      pump();
    });
  }
  if (running || waiting.length || !added) return;
  toast(form()?.dataset.textSummary.replace('{n}', added), 'ok');
  added = 0;
  refresh();
}

function take(files) {
  for (const file of files) add(form(), file);
  pump();
}

document.addEventListener('click', (event) => {
  const widget = event.target.closest('[data-library-upload] [type="submit"]')?.form;
  if (!widget) return;
  event.preventDefault();
  widget.querySelector('[type="file"]').click();
});

document.addEventListener('change', ({ target }) => {
  if (!target.matches('[data-library-upload] [type="file"]')) return;
  take([...target.files]);
  target.value = '';
});

const holdsFiles = ({ dataTransfer }) => form() && dataTransfer?.types.includes('Files');
const show = (visible) => { document.querySelector('.library-drop').hidden = !visible; };

for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    show(name !== 'drop' && !(name === 'dragleave' && !event.relatedTarget));
    if (name === 'drop') take([...event.dataTransfer.files]);
  });
}
