// What was written but not saved, kept on this device and offered back.

export const PREFIX = 'portal-draft:';
const SENT = 'portal-drafts-sent';
const WAIT = 3000;

const quietly = (act) => {
  try {
    return act();
  } catch {
    return null;  // no storage, or a full one: drafts are a comfort
  }
};

export class Draft {
  #key;
  #timer;

  constructor(name) {
    this.#key = `${PREFIX}${location.pathname}:${name}`;
  }

  get key() {
    return this.#key;
  }

  get text() {
    return quietly(() => localStorage.getItem(this.#key));
  }

  /** Keep a text soon; the one the server sent needs no keeping. */
  keep(text, stored) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (text === stored) this.drop();
      else quietly(() => localStorage.setItem(this.#key, text));
    }, WAIT);
  }

  drop() {
    clearTimeout(this.#timer);
    quietly(() => localStorage.removeItem(this.#key));
  }

  /** The timer goes with the page. */
  stop() {
    clearTimeout(this.#timer);
  }
}

/** The quiet bar that offers a draft. */
export function draftBar(text, { restore, discard }) {
  const bar = document.createElement('div');
  bar.className = 'rich-draft';
  bar.dataset.testid = 'draft';
  bar.setAttribute('role', 'status');
  const sentence = document.createElement('span');
  sentence.textContent = text('draft');
  bar.append(sentence);
  for (const [name, act] of Object.entries({ restore, discard })) {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', className: 'btn small', textContent: text(name) });
    button.dataset.testid = `draft-${name}`;
    button.addEventListener('click', () => {
      bar.remove();
      act();
    });
    bar.append(button);
  }
  return bar;
}

const takeSent = () => {
  const keys = JSON.parse(quietly(() => sessionStorage.getItem(SENT)) ?? '[]');
  quietly(() => sessionStorage.removeItem(SENT));
  return keys;
};

/** A form with these drafts is on its way. */
export const markSent = (keys) => quietly(() => sessionStorage.setItem(SENT, JSON.stringify(keys)));

const dropSent = () => takeSent().forEach((key) => quietly(() => localStorage.removeItem(key)));

// A save by htmx: its answer tells. One without: the page after it does.
document.addEventListener('htmx:after:request', ({ detail }) => {
  const { request, response } = detail?.ctx ?? {};
  if (request?.method?.toUpperCase() !== 'POST') return;
  if (response && response.status < 400) dropSent();
  else takeSent();
});
if (!document.querySelector('[data-testid="error-summary"], [data-testid="conflict"]')) dropSent();
