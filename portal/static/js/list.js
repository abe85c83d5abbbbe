// What list pages do; those with an order add reorder.js.

import './selection.js';
import './sticky.js';
import './inline.js';
import './filters.js';
import './row-menu.js';
