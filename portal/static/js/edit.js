// What pages with a form do.

import './picker.js';
import './slug.js';
import './counter.js';
