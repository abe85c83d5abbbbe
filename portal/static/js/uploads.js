// Pages with a picture, gallery or file field.

import { always } from './page.js';
import { PortalFile } from './file-field.js';
import { PortalGallery } from './gallery-field.js';
import { PortalImage } from './image-field.js';
import { filesOf } from './upload-widget.js';

const WIDGETS = { 'portal-file': PortalFile, 'portal-gallery': PortalGallery, 'portal-image': PortalImage };

for (const [name, widget] of Object.entries(WIDGETS)) {
  if (!customElements.get(name)) customElements.define(name, widget);
}

// Files are on the server before the form is sent, so it needs no parts.
always(() => {
  for (const widget of document.querySelectorAll(Object.keys(WIDGETS).join())) {
    widget.closest('form')?.setAttribute('enctype', 'application/x-www-form-urlencoded');
  }
});

document.addEventListener('paste', (event) => {
  const widget = document.activeElement?.closest('portal-image, portal-gallery, portal-file');
  const files = filesOf(event.clipboardData);
  if (!widget?.take || !files.length || 'fixed' in widget.dataset) return;
  event.preventDefault();
  widget.take(files);
});
