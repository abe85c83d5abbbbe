// Tells the server the viewer's time zone.

import { remember } from './page.js';

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`fastor_tz=${encodeURIComponent(zone)}`)) remember('fastor_tz', zone);
