// The dialog that cuts a picture, with Cropper. It only finds the box: the server cuts.

import { library } from './page.js';

const STEP = 0.02;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SIZES = { '+': 1, '=': 1, '-': -1, '−': -1 };

function styles(url) {
  if (document.querySelector(`link[href="${url}"]`)) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = url;
  document.head.append(link);
}

/** Whether the browser can show it; if not, the server says what is wrong with it. */
export async function isPicture(file) {
  try {
    (await createImageBitmap(file)).close();
    return true;
  } catch {
    return false;
  }
}

/** Move or resize the frame as a key says; false when the key means nothing here. */
function turn(cropper, key, far) {
  const box = cropper.getCropBoxData();
  const room = cropper.getCanvasData();
  const step = Math.max(1, room.width * STEP * (far ? 5 : 1));
  if (key in MOVES) {
    const [x, y] = MOVES[key];
    cropper.setCropBoxData({ left: box.left + x * step, top: box.top + y * step });
  } else if (key in SIZES) {
    const by = SIZES[key] * step;
    const width = Math.max(step, box.width + by);
    const height = box.height * width / box.width;
    if (width > room.width || height > room.height) return true;
    cropper.setCropBoxData({ left: box.left - by / 2, top: box.top - (height - box.height) / 2, width, height });
  } else return false;
  return true;
}

/** The frame in whole pixels of the upright picture, never beyond its edges. */
function boxOf(cropper) {
  const { naturalWidth, naturalHeight } = cropper.getImageData();
  const found = cropper.getData(true);
  const x = Math.min(Math.max(0, found.x), naturalWidth - 1);
  const y = Math.min(Math.max(0, found.y), naturalHeight - 1);
  const width = Math.max(1, Math.min(found.width, naturalWidth - x));
  return [x, y, width, Math.max(1, Math.min(found.height, naturalHeight - y))];
}

/** What it will look like; undefined where the browser does not hand out the pixels of another site. */
async function preview(cropper) {
  try {
    const canvas = cropper.getCroppedCanvas({ maxWidth: 960, maxHeight: 960 });
    return await new Promise((resolve) => { canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/png'); });
  } catch {
    return undefined;
  }
}

/** Resolves when the dialog is closed: true for "Crop". */
function answer(dialog) {
  return new Promise((resolve) => {
    let yes = false;
    dialog.addEventListener('click', ({ target }) => {
      if (target.closest('[data-crop-ok]')) yes = true;
      if (target.closest('[data-crop-ok], [data-crop-cancel]')) dialog.close();
    });
    dialog.addEventListener('close', () => resolve(yes), { once: true });
  });
}

/** Ask how a file or a stored picture (its address) is to be cut: `{crop, preview}`, or null. */
export async function cut(widget, picture) {
  const { cropper: script, cropperCss, ratio } = widget.dataset;
  styles(cropperCss);
  const Cropper = await library(script, 'Cropper');
  const template = widget.querySelector('template[data-part="crop"]');
  const dialog = template.content.firstElementChild.cloneNode(true);
  const stage = dialog.querySelector('[data-part="stage"]');
  const image = stage.querySelector('img');
  const address = typeof picture === 'string' ? picture : URL.createObjectURL(picture);
  const [wide, high] = ratio?.split(':').map(Number) ?? [];
  document.body.append(dialog);
  dialog.showModal();
  image.src = address;
  const cropper = new Cropper(image, {
    aspectRatio: wide ? wide / high : NaN,
    viewMode: 1,
    autoCropArea: wide ? 1 : 0.8,
    dragMode: 'none',
    background: false,
    checkOrientation: false,  // browsers turn it already
    checkCrossOrigin: false,
    zoomable: false,
    movable: false,
    rotatable: false,
    scalable: false,
    toggleDragModeOnDblclick: false,
    crop: () => { dialog.querySelector('[data-part="box"]').textContent = boxOf(cropper).slice(2).join(' × '); },
    ready: () => stage.focus(),
  });
  stage.addEventListener('keydown', (event) => {
    if (turn(cropper, event.key, event.shiftKey)) event.preventDefault();
  });
  dialog.addEventListener('click', ({ target }) => {
    const key = target.closest('[data-crop-key]')?.dataset.cropKey;
    if (key) turn(cropper, key, true);
  });
  const found = await answer(dialog) ? { crop: boxOf(cropper), preview: await preview(cropper) } : null;
  cropper.destroy();
  if (address !== picture) URL.revokeObjectURL(address);
  dialog.remove();
  widget.input?.focus();
  return found;
}
