// What pages do whose rows have an order.

import './order-keys.js';
import './order-drag.js';
