// The actions of the suite and the limits each bundle is held to.
import path from 'node:path';

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, '..', '..');

const MB = 1_000_000;

/**
 * `bytes` limits dist/<name>/index.js; `startMs` limits the time from start to the first
 * validation error, over that of `node -e 0`. The larger ones carry the Sigstore verifier.
 */
export const ACTIONS = [
  { name: 'pipeline', bytes: 3 * MB, startMs: 130 },
  { name: 'build', bytes: 3 * MB, startMs: 130 },
  { name: 'scan', bytes: 2.5 * MB, startMs: 100 },
  { name: 'sign', bytes: 3 * MB, startMs: 130 },
  { name: 'verify', bytes: 3 * MB, startMs: 130 },
  { name: 'promote', bytes: 3 * MB, startMs: 130 },
  { name: 'prune', bytes: 2.5 * MB, startMs: 100 },
];

/**
 * The action.yml of an action. The pipeline is what `uses: plimsoll-ci/plimsoll` runs, so its file is at the root.
 * @param {string} name
 */
export function actionFile(name) {
  return name === 'pipeline' ? 'action.yml' : `actions/${name}/action.yml`;
}
