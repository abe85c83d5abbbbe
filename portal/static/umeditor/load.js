// Fetches Jodit and the skin, once, where an editor is.

const wanted = new Map();

function fetched(tag, attributes) {
  const address = attributes.src ?? attributes.href;
  if (!wanted.has(address)) {
    wanted.set(address, new Promise((resolve, reject) => {
      const node = Object.assign(document.createElement(tag), attributes);
      node.addEventListener('load', resolve);
      node.addEventListener('error', () => {
        wanted.delete(address);
        reject(new Error(`${address} did not load`));
      });
      document.head.append(node);
    }));
  }
  return wanted.get(address);
}

/** The addresses of Jodit: from the template, else from the list of third-party files. */
async function addresses({ jodit, joditStyle }) {
  if (jodit) return [jodit, joditStyle];
  const vendor = new URL('../../vendor/', import.meta.url);
  const build = import.meta.url.split('/').at(-3);  // the list changes with the build, and is cached for ever
  const files = await (await fetch(new URL(`manifest.json?${build}`, vendor))).json();
  return ['jodit/jodit.min.js', 'jodit/jodit.min.css'].map((name) => new URL(files[name], vendor).href);
}

/** The page's language as Jodit calls it. */
export function editorLanguage() {
  const language = (window.UMEDITOR_CONFIG?.lang || document.documentElement.lang).toLowerCase();
  return language.startsWith('zh') ? 'zh_cn' : 'en';
}

/** Jodit's words are a file of their own beside it, for all but English. */
async function learn(Jodit, script) {
  const language = editorLanguage();
  if (language === 'en') return;
  const { default: words } = await import(new URL(`${language}.js`, new URL(script, document.baseURI)).href);
  Jodit.lang[language] = words;
}

/** Resolves to Jodit. */
export async function loadJodit(dataset) {
  const [script, style] = await addresses(dataset);
  await Promise.all([
    fetched('link', { rel: 'stylesheet', href: style })
      .then(() => fetched('link', { rel: 'stylesheet', href: new URL('umeditor.css', import.meta.url).href })),
    fetched('script', { src: script }),
  ]);
  await learn(window.Jodit, script);
  return window.Jodit;
}
