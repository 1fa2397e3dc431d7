#!/usr/bin/env node
// The command line of a clone: the sources, run by Node 24 whatever `node` is on PATH.
import { startUnderNode24 } from '../../../scripts/house/start-under-node24.mjs';

startUnderNode24('packages/cli/src/main.ts');
