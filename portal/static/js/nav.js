// The main navigation over boosted pages: the phone drawer closes, folded groups and the scroll stay.

let folded = new Set();
let scroll = 0;

const nav = () => document.getElementById('nav');
const groups = () => [...nav()?.querySelectorAll('.nav-group') ?? []];
const nameOf = (group) => group.querySelector('summary').textContent.trim();

document.addEventListener('click', ({ target }) => {
  if (target.closest('.nav a[href]') && nav().matches(':popover-open')) nav().hidePopover();
});

document.addEventListener('htmx:before:swap', () => {
  scroll = nav()?.querySelector('.nav-scroll').scrollTop ?? 0;
  folded = new Set(groups().filter((group) => !group.open).map(nameOf));
});

document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  if (ctx.target !== document.body || !nav()) return;
  for (const group of groups()) {
    if (folded.has(nameOf(group)) && !group.querySelector('[aria-current]')) group.open = false;
  }
  nav().querySelector('.nav-scroll').scrollTop = scroll;
});
