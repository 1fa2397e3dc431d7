// npm run check: everything that can be said about the repository without running it.
import { startUnderNode24 } from './house/start-under-node24.mjs';

startUnderNode24('scripts/house/check-main.mjs');
