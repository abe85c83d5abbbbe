// Pictures into the text: one POST each. A word stands in the place of each until its answer is there.

/** POST one picture; resolves to UMeditor's answer, whatever the status. */
function send(url, field, file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append(field, file, file.name);
    request.open('POST', url);
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token) request.setRequestHeader('X-CSRFToken', token);
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener('error', () => reject(new Error()));
    request.addEventListener('load', () => {
      try {
        const answer = JSON.parse(request.responseText);
        resolve({ ...answer, state: answer.state ?? answer.detail });
      } catch (error) {
        reject(error);
      }
    });
    request.send(body);
  });
}

/** A note where a picture would have been. */
export function note(text) {
  const place = document.createElement('em');
  place.textContent = `[${text}]`;
  return place;
}

export class Pictures {
  waiting = 0;
  #host;

  constructor(host) {
    this.#host = host;
  }

  /** Upload a file; `place` is in the text already, or will be in this task. */
  async upload(file, place) {
    const { text, dataset } = this.#host;
    const config = window.UMEDITOR_CONFIG ?? {};
    const url = new URL(dataset.url || this.#address(config), location.href);
    url.searchParams.set('type', 'ajax');
    if (dataset.resource) url.searchParams.set('resource', dataset.resource);
    if (dataset.field) url.searchParams.set('field', dataset.field);
    this.waiting += 1;
    this.#host.say(text('uploading', { name: file.name }), 0);
    let answer;
    try {
      answer = await send(url, config.imageFieldName || 'files[]', file,
        (share) => this.#host.say(text('uploading', { name: file.name }), share));
    } catch {
      answer = { state: text('network') };
    }
    this.waiting -= 1;
    if (answer.state === 'SUCCESS') this.#arrived(place, answer, (config.imagePath ?? '') + answer.url);
    else this.#refused(place, file, answer.state || text('network'));
    this.#host.changed();
  }

  /** Below where the portal is mounted, which is where this module comes from. */
  #address({ imageUrl = '/editor/upload_img' }) {
    const mount = new URL('../../..', import.meta.url).pathname;
    const there = /^https?:/.test(imageUrl) || imageUrl.startsWith(mount === '/' ? '//' : mount);
    return there ? imageUrl : mount + imageUrl.replace(/^\//, '');
  }

  #arrived(place, { originalName }, source) {
    const image = document.createElement('img');
    image.src = source;
    image.alt = place.dataset.alt ?? '';
    this.#host.placeOf(place)?.replaceWith(image);
    this.#host.say(this.#host.text('uploaded', { name: originalName ?? '' }));
  }

  #refused(place, file, sentence) {
    this.#host.placeOf(place)?.replaceWith(note(this.#host.text('leftOut', { name: `${file.name}: ${sentence}` })));
    this.#host.say(sentence, undefined, 'error');
  }
}
