#!/usr/bin/env node
// The command line of a clone: the sources, run by Node 24 whatever `node` is on PATH.
import path from 'node:path';
import { root } from '../../../scripts/house/actions.mjs';
import { startUnderNode24 } from '../../../scripts/house/start-under-node24.mjs';

// Half of a short command is compiling; Node keeps what came of it, and goes without where it cannot write.
process.env.NODE_COMPILE_CACHE ??= path.join(root, 'node_modules', '.cache', 'plimsoll-compiled');
startUnderNode24('packages/cli/src/main.ts');
