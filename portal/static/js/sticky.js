// A line beside the sticky columns while the table is scrolled sideways. `scroll` does not bubble, hence the
// capture phase; in RTL scrollLeft counts down from zero.

document.addEventListener('scroll', ({ target }) => {
  if (target instanceof Element && target.matches('.table-scroll')) {
    target.classList.toggle('scrolled', Math.abs(target.scrollLeft) > 0);
  }
}, { capture: true, passive: true });
