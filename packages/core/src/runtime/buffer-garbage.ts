import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes between collections. Each takes about a millisecond. */
const INTERVAL = 16 * 1024 * 1024;

type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;
let passed = 0;

/**
 * Told of bytes that were read and are garbage soon. V8 sees of a buffer only its small handle, so it
 * lets about 60 MB of dead ones gather before it looks; collecting the young generation now and then
 * keeps a copy of any size about 50 MB smaller, and measurably faster.
 */
export function bytesPassed(bytes: number): void {
  passed += bytes;
  if (passed < INTERVAL) return;
  passed = 0;
  collect ??= exposeCollector();
  collect({ type: 'minor' });
}

/** `gc` of a context that was made while V8 exposed it; contexts made later do not have it. */
function exposeCollector(): Collect {
  setFlagsFromString('--expose-gc');
  const exposed = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return exposed;
}
