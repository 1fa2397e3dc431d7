// npm run bench -- NAME: ours and the peers in turn, on the same input.
import { ensureInstalled } from './house/install.mjs';
import { startUnderNode24 } from './house/start-under-node24.mjs';

ensureInstalled();
startUnderNode24('test/bench/main.ts');
