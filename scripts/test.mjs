// npm test: works in a clean clone, with nothing installed. Its last line is `N passed, N failed`.
import { ensureInstalled } from './house/install.mjs';
import { startUnderNode24 } from './house/start-under-node24.mjs';

ensureInstalled();
startUnderNode24('scripts/house/test-main.mjs');
