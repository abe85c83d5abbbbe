// What Jodit is told.

import { copyOf } from './form.js';
import { editorLanguage } from './load.js';
import { putFiles } from './paste.js';
import { withSheets } from './sheets.js';
import { toolbarOptions } from './toolbar.js';
import { askForVideo } from './video.js';

function pickFiles(host) {
  const restore = host.keepCaret();
  const input = document.createElement('input');
  Object.assign(input, { type: 'file', multiple: true, accept: host.dataset.accept || 'image/*' });
  input.addEventListener('change', () => {
    restore();
    putFiles(host, [...input.files]);
  });
  input.click();
}

/** A page with a library of its own answers `portal:pick`; here the portal's is shown. */
async function pickStored(host) {
  const restore = host.keepCaret();
  const { resource, field, library } = host.dataset;
  const take = (url, alt = '', { width, height } = {}) => {
    host.insert(Object.assign(document.createElement('img'), { src: url, alt, ...width && height && { width, height } }));
  };
  const own = (url, alt) => {
    restore();
    take(url, alt);
  };
  const detail = { resource, field, take: own };
  if (!host.dispatchEvent(new CustomEvent('portal:pick', { bubbles: true, cancelable: true, detail }))) return;
  if (!library || window.portalPick) return;
  let files = [];
  try {
    const { choose } = await import('../js/library-dialog.js');
    files = await choose(host, { most: Infinity, taken: [] });
  } catch {
    host.say(host.text('network'), undefined, 'error');
  }
  restore();
  for (const file of files) take(file.url, file.alt, file);
}

function controls(host) {
  const { text } = host;
  return {
    image: { icon: 'image', tooltip: text('image'), popup: undefined, exec: () => { pickFiles(host); } },
    library: { icon: 'folder', tooltip: text('library'), exec: () => { pickStored(host); } },
    fullsize: { exec: (editor) => { editor.toggleFullSize(); host.focus(); } },  // the button loses the focus else
    portalVideo: { icon: 'video', tooltip: text('video'), exec: () => { askForVideo(host); } },
  };
}

function settings(host) {
  const { toolbar } = window.UMEDITOR_CONFIG ?? {};
  const buttons = toolbarOptions({
    library: Boolean(host.dataset.library || window.portalPick), video: Boolean(host.dataset.videoHosts), toolbar,
  });
  return {
    ...buttons,
    controls: controls(host),
    language: editorLanguage(),
    direction: document.documentElement.dir || 'ltr',
    height: 'auto', minHeight: 320, maxHeight: 640,
    popupRoot: host,  // the skin is the host's
    toolbarSticky: false,
    showXPathInStatusbar: false, showCharsCounter: true, showWordsCounter: true,
    disablePlugins: ['powered-by-jodit', 'speech-recognize', 'ai-assistant', 'resize-handler', 'video', 'media', 'file'],
    sourceEditor: 'area', beautifyHTML: false,  // the defaults of both load scripts from a CDN
    askBeforePasteHTML: false, askBeforePasteFromWord: false,
    defaultActionOnPaste: 'insert_clear_html', defaultActionOnPasteFromWord: 'insert_clear_html',
    enableDragAndDropFileToEditor: false,
    uploader: { url: '', insertImageAsBase64URI: false },
    filebrowser: { ajax: { url: '' } },
    image: { openOnDblClick: true, editSrc: false, useImageEditor: false },
    imageDefaultWidth: null,
    // what the server takes from links anyway is not asked for
    link: { processVideoLink: false, processPastedLink: true, modeClassName: false,
      openInNewTabCheckbox: false, noFollowCheckbox: false },
    spellcheck: true,
    addNewLineOnDBLClick: false,
  };
}

/** Jodit, ready to be wired. */
export const makeEditor = (Jodit, host) => withSheets(Jodit.make(copyOf(host.textarea), settings(host)));
