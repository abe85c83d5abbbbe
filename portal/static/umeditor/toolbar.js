// Which buttons there are: wide, narrow, or those of an older page by UMeditor's names.

const WIDE = [
  'paragraph', '|', 'bold', 'italic', 'underline', 'strikethrough', 'brush', 'eraser', '|',
  'ul', 'ol', 'align', '|', 'image', 'library', 'portalVideo', 'table', 'link', 'hr', '|',
  'source', 'fullsize', '|', 'undo', 'redo',
];
const NARROW = ['bold', 'italic', 'ul', 'link', 'image', 'table', '|', 'undo', 'dots'];
const NAMES = {
  forecolor: 'brush', backcolor: 'brush', removeformat: 'eraser', insertorderedlist: 'ol', paragraph: 'paragraph',
  insertunorderedlist: 'ul', justifyleft: 'align', justifycenter: 'align', justifyright: 'align', video: 'portalVideo',
  fullscreen: 'fullsize', horizontal: 'hr', fontfamily: 'font', fontsize: 'fontsize', insertvideo: 'portalVideo',
};
const SAME = ['bold', 'italic', 'underline', 'strikethrough', 'superscript', 'subscript', 'source', 'undo', 'redo',
  'link', 'image', 'table', '|'];

/** UMeditor's way of writing a toolbar: ['source | undo redo | bold']. */
function translated(toolbar) {
  const names = toolbar.flatMap((part) => part.split(/\s+/)).filter(Boolean);
  return [...new Set(names.map((name) => NAMES[name] ?? (SAME.includes(name) ? name : '')))].filter(Boolean);
}

/** The buttons as Jodit's options. */
export function toolbarOptions({ library, video, toolbar }) {
  const there = (name) => (name !== 'library' || library) && (name !== 'portalVideo' || video);
  const wide = (toolbar?.length ? translated(toolbar) : WIDE).filter(there);
  const narrow = NARROW.filter(there);
  return {
    toolbarAdaptive: true,
    sizeLG: 620, sizeMD: 480, sizeSM: 0,
    buttons: wide,
    buttonsMD: narrow,
    buttonsSM: narrow,
    buttonsXS: narrow,
    toolbarButtonSize: window.innerWidth < 700 ? 'middle' : 'small',
  };
}
