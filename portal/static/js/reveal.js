// Shows what is typed into a password field.

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-reveal]');
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const hidden = field.type === 'password';
  field.type = hidden ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(hidden));
});
