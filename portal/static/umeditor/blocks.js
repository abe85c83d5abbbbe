// Paragraphs, lists and tables put into a text: between its paragraphs, never inside one.

const BLOCKS = 'p, h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, pre, div, hr, dl, figure';
const SPLIT = /^(P|H\d|DIV|PRE)$/;

const isEmpty = (block) =>
  !block.textContent.replace(/[\ufeff\u200b]/g, '').trim() && !block.querySelector('img, table, hr');

/** What stands between blocks becomes paragraphs; white space between them goes. */
function straighten(fragment) {
  let run = null;
  for (const node of [...fragment.childNodes]) {
    if (node.nodeType === 1 && node.matches(BLOCKS)) run = null;
    else if (!run && node.nodeType === 3 && !node.textContent.trim()) node.remove();
    else {
      if (!run) {
        run = document.createElement('p');
        node.before(run);
      }
      run.append(node);
    }
  }
}

/**
 * Puts the nodes where the caret is. What it returns is left to the editor: words, and whatever comes into a list, a
 * table or a quote.
 */
export function putBlocks(host, body) {
  const fragment = document.createDocumentFragment();
  fragment.append(...body.childNodes);
  if (!fragment.querySelector(BLOCKS)) return fragment;
  host.editor.e.fire('safeHTML', fragment);
  straighten(fragment);
  const { range } = host.editor.s;
  let block = range.startContainer;
  while (block && block !== host.body && block.parentNode !== host.body) block = block.parentNode;
  if (!block || block === host.body || !SPLIT.test(block.tagName)) return fragment;
  const only = fragment.childNodes.length === 1 && fragment.firstChild.tagName === 'P' ? fragment.firstChild : null;
  if (only && !isEmpty(block)) {  // a phrase out of a paragraph goes into one
    const phrase = document.createDocumentFragment();
    phrase.append(...only.childNodes);
    return phrase;
  }
  range.deleteContents();
  const rest = document.createRange();
  rest.setStart(range.startContainer, range.startOffset);
  rest.setEndAfter(block);
  const after = rest.extractContents();
  const last = fragment.lastChild;
  block.after(fragment, after);
  if (last.nextElementSibling && isEmpty(last.nextElementSibling)) last.nextElementSibling.remove();
  if (isEmpty(block)) block.remove();
  const end = document.createRange();
  end.selectNodeContents(last);
  end.collapse(false);
  host.editor.s.selectRange(end);
  return null;
}
