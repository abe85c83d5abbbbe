// What the editor says; templates bring it in the language of the page with data-texts.

export const TEXTS = {
  image: 'Insert pictures',
  library: 'Picture from the library',
  video: 'Insert a video',
  videoAddress: 'Address of the video',
  videoHosts: 'Videos of these sites: {hosts}',
  videoRefused: 'This is not an address of one of these sites: {hosts}',
  insert: 'Insert',
  cancel: 'Cancel',
  uploading: 'Uploading {name} …',
  uploaded: 'Uploaded: {name}',
  waiting: 'Pictures are still being uploaded. Please save again in a moment.',
  leftOut: 'picture left out: {name}',
  mediaLeftOut: 'film or sound left out: {name}',
  onlyPictures: 'Only pictures can be put into the text.',
  network: 'The network or the server does not answer. Nothing was lost; please try again.',
  draft: 'There is a draft on this device that was not saved.',
  restore: 'Restore',
  discard: 'Discard',
};

/** The text of that name with its places filled. */
export function textsOf(element) {
  const own = element.dataset.texts ? JSON.parse(element.dataset.texts) : {};
  return (name, values = {}) =>
    (own[name] ?? TEXTS[name]).replace(/\{(\w+)\}/g, (hole, key) => values[key] ?? hole);
}
