// Started under Node 24 by scripts/check.mjs.
import { runChecks, summarize } from './check-run.mjs';

const started = performance.now();
const results = await runChecks();
console.log(`${summarize(results)} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = results.some(({ status }) => status === 'failed') ? 1 : 0;
