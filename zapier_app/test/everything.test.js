// one process: the server is started once, and the platform is loaded once
import './definition.js';
import './addresses.js';
import './authentication.js';
import './triggers.js';
import './creates.js';
import './searches.js';
import './dropdowns.js';
import './failures.js';
