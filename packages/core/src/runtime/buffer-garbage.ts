import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes between collections. Each takes about a millisecond. */
const INTERVAL = 16 * 1024 * 1024;

/** Collections of the young generation to one of everything: what survived by chance gathers otherwise. About 10 ms per GiB. */
const YOUNG = 64;

/** Answers between collections. Each takes about as long as twenty answers. */
const ANSWERS = 4_000;

type Collect = (options: { readonly type: 'minor' | 'major' }) => void;

let collect: Collect | undefined;
let passed = 0;
let collections = 0;
let answers = 0;

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
  collections += 1;
  collect({ type: collections % YOUNG === 0 ? 'major' : 'minor' });
}

/**
 * Told of each answer that was read. One leaves tens of kilobytes behind; V8 finds that thousands of them are worth
 * keeping, and lets the heap grow to four times what is in use.
 */
export function answerRead(): void {
  answers += 1;
  if (answers < ANSWERS) return;
  answers = 0;
  collect ??= exposeCollector();
  collect({ type: 'major' });
}

/** `gc` of a context that was made while V8 exposed it; contexts made later do not have it. */
function exposeCollector(): Collect {
  setFlagsFromString('--expose-gc');
  const exposed = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return exposed;
}
