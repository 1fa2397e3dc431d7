// Started under Node 24 by scripts/demo.mjs: gets the tools that are missing, then hands over to the demo.
import { ensureTools, missingTools } from '../../packages/testkit/src/toolbox/ensure-tools.ts';
import { startUnderNode24 } from './start-under-node24.mjs';
import { DEMO_TOOLS } from './tool-sets.mjs';

const missing = await missingTools(DEMO_TOOLS);
if (missing.length > 0) console.log(`Getting ${missing.length} tools, once: ${missing.join(', ')}`);
await ensureTools(DEMO_TOOLS);
startUnderNode24('packages/testkit/src/demo/main.ts');
