// What every page does. All listeners are delegated, so swapped content needs no wiring, and nothing
// here carries text: strings come from the markup.

import './theme.js';
import './timezone.js';
import './toasts.js';
import './dialogs.js';
import './menus.js';
import './shortcuts.js';
import './reveal.js';
import './arrival.js';
import './nav.js';
import './unsaved-changes.js';
import './sign-out.js';
