// What Jodit is told.

import { putFiles } from './paste.js';
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

/** Asks whoever shows the library; `take` puts the chosen picture in. */
function pickStored(host) {
  const restore = host.keepCaret();
  const { resource, field } = host.dataset;
  const take = (url, alt = '') => {
    restore();
    host.insert(Object.assign(document.createElement('img'), { src: url, alt }));
  };
  host.dispatchEvent(new CustomEvent('portal:pick', { bubbles: true, detail: { resource, field, take } }));
}

function controls(host) {
  const { text } = host;
  return {
    image: { icon: 'image', tooltip: text('image'), popup: undefined, exec: () => { pickFiles(host); } },
    library: { icon: 'folder', tooltip: text('library'), exec: () => { pickStored(host); } },
    portalVideo: { icon: 'video', tooltip: text('video'), exec: () => { askForVideo(host); } },
  };
}

export function settings(host) {
  const { lang, toolbar } = window.UMEDITOR_CONFIG ?? {};
  const language = (lang || document.documentElement.lang).toLowerCase();
  const buttons = toolbarOptions({
    library: Boolean(window.portalPick), video: Boolean(host.dataset.videoHosts), toolbar,
  });
  return {
    ...buttons,
    controls: controls(host),
    language: language.startsWith('zh') ? 'zh_cn' : 'en',
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
    link: { processVideoLink: false, processPastedLink: true },
    spellcheck: true,
    addNewLineOnDBLClick: false,
  };
}
