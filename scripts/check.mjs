// npm run check: everything that can be said about the repository without running it.
import { underNode24 } from './house/under-node24.mjs';

underNode24(import.meta.filename);

const { runChecks, summarize } = await import('./house/check-run.mjs');
const started = performance.now();
const results = await runChecks();
console.log(`${summarize(results)} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = results.some(({ status }) => status === 'failed') ? 1 : 0;
