// What pages made for UMeditor read and may change before umeditor.js is loaded.
// imageUrl is relative to where the portal is mounted; lang: "" is the language of the page.

(() => {
  window.UMEDITOR_CONFIG = {
    imageUrl: '/editor/upload_img',
    imageFieldName: 'files[]',
    imagePath: '',
    toolbar: null,
    lang: '',
    ...window.UMEDITOR_CONFIG,
  };
})();
