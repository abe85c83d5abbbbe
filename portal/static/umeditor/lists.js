// Lists of what is pasted: those of Word and WPS are paragraphs, those of Google and LibreOffice lie in lists.

const RULE = /mso-list:\s*(l\d+)\s+level(\d+)(?:\s+lfo(\d+))?/i;
const NUMBER = /^[(（]?(?:\d+(?:\.\d+)*|[a-z]|[ivxlcdm]+|[一二三四五六七八九十百]+|[①-⑳㈠-㈩])[.．)）、:：]?$/i;
const ENDED = /[.．)）、:：①-⑳㈠-㈩]$|^\d+$/;  // without one a letter is a bullet of Wingdings

const styleOf = (node) => node.getAttribute('style') ?? '';

/** What stood before the paragraph: a bullet or a number. */
function takeMarker(paragraph) {
  const span = [...paragraph.querySelectorAll('span')].find((found) => /mso-list:\s*ignore/i.test(styleOf(found)));
  const text = (span?.textContent ?? '').replace(/\s+/g, '');
  span?.remove();
  return text;
}

function makeList(marker) {
  const ordered = NUMBER.test(marker) && ENDED.test(marker);
  const list = document.createElement(ordered ? 'ol' : 'ul');
  const start = Number.parseInt(marker.replace(/^[(（]/, ''), 10);
  if (ordered && start > 1 && !/\d\.\d/.test(marker)) list.setAttribute('start', start);
  return list;
}

/** Paragraphs that follow one another become one list, with lists in its items for the deeper levels. */
export function wordLists(body) {
  let open = [];  // of the lists that may go on, the outermost first
  for (const item of [...body.querySelectorAll('p')]) {
    const [, id, depth, number] = RULE.exec(styleOf(item)) ?? [];
    if (!id) continue;
    const level = Number(depth);
    const key = `${id}/${number}`;
    const made = makeList(takeMarker(item));
    if (!open.length || item.previousElementSibling !== open[0].list) open = [];
    while (open.length && open.at(-1).level > level) open.pop();
    const last = open.at(-1);
    const goesOn = last?.level === level && last.list.tagName === made.tagName
      && (last.key === key || made.tagName === 'UL');
    if (!goesOn) {
      if (last?.level === level) open.pop();
      const outer = open.at(-1)?.list.lastElementChild;
      if (outer) outer.append(made);
      else item.before(made);
      open.push({ level, key, list: made });
    }
    const li = document.createElement('li');
    li.append(...item.childNodes);
    open.at(-1).list.append(li);
    item.remove();
  }
}

/** A list right inside a list belongs to the item before it; an item's only paragraph is the item. */
export function straightenLists(body) {
  for (const list of body.querySelectorAll(':is(ul, ol) > :is(ul, ol)')) {
    const before = list.previousElementSibling;
    const item = before?.tagName === 'LI' ? before : document.createElement('li');
    if (item !== before) list.before(item);
    item.append(list);
  }
  for (const paragraph of body.querySelectorAll('li > p:first-child')) {
    const { parentElement } = paragraph;
    if (parentElement.querySelectorAll(':scope > p').length === 1) paragraph.replaceWith(...paragraph.childNodes);
  }
}
