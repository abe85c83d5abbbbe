// Words that stand in the text while a picture is on its way.

let count = 0;

/** A new one; the class is the mark it is found by, as the editor may copy nodes. */
export function makePlace(text, alt = '') {
  count += 1;
  const place = document.createElement('em');
  place.className = `portal-upload-${count}`;
  place.dataset.alt = alt;
  place.textContent = `[${text}]`;
  return place;
}

/** Where it is now; undefined when the writer has deleted it. */
export const findPlace = (root, place) => root.querySelector(`.${place.className}`);
