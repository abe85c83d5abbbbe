// What happens to pictures, below the text: a sentence and how far it is.

/** `say(sentence, share, tone)`: with a share of 0 to 1 something is under way; a tone makes a toast too. */
export function statusLine(host) {
  const line = document.createElement('div');
  line.className = 'rich-status';
  line.dataset.testid = 'rich-status';
  line.hidden = true;
  const sentence = document.createElement('span');
  sentence.setAttribute('role', 'status');
  const progress = Object.assign(document.createElement('progress'), { className: 'progress', max: 1 });
  line.append(sentence, progress);
  host.append(line);
  return (text, share, tone) => {
    line.hidden = false;
    line.dataset.tone = tone ?? '';
    sentence.textContent = text;
    progress.setAttribute('aria-label', text);
    progress.hidden = share === undefined;
    progress.value = share ?? 0;
    if (tone) document.dispatchEvent(new CustomEvent('portal:toast', { detail: { text, tone } }));
  };
}
