// After a swap: the focus goes to what changed, and a whole page brings the head facts it was rendered with
// (htmx takes the body only).

const HEAD_FACTS = ['csrf-token', 'portal-path'];

function adoptHead(text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  for (const name of HEAD_FACTS) {
    const fresh = page.querySelector(`meta[name="${name}"]`);
    if (fresh) document.querySelector(`meta[name="${name}"]`)?.replaceWith(fresh);
  }
  for (const { name, value } of page.documentElement.attributes) document.documentElement.setAttribute(name, value);
  for (const { name, value } of page.body.attributes) {
    if (name.startsWith('hx-')) document.body.setAttribute(name, value);
  }
}

document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  const whole = ctx.target === document.body;
  if (whole) adoptHead(ctx.text);
  if ([409, 422].includes(ctx.response?.status)) {
    document.querySelector('.alert[role="alert"]')?.focus();
  } else if (whole && !ctx.request?.anchor && !document.querySelector('main [autofocus]')) {
    document.querySelector('h1[tabindex="-1"]')?.focus({ preventScroll: true });
  }
});
