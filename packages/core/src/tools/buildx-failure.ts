import { PlimsollError } from '../runtime/errors.ts';
import { lastLines } from '../runtime/exec-failure.ts';
import type { Place } from '../runtime/log.ts';
import { buildHint } from './build-hints.ts';
import { readRateLimit } from './rate-limit.ts';

interface Explanation {
  readonly pattern: RegExp;
  readonly code: 'builder-missing' | 'disk-full' | 'dockerfile-missing' | 'registry-rate-limited';
  readonly message: string;
  readonly hint: string;
}

const BUILDER_HINT =
  'Start one before this step: `docker buildx create --use --driver docker-container`, or set BUILDX_BUILDER to one that runs.';

/** What buildx 0.37 and BuildKit 0.33 say when it is not the Dockerfile's fault. The first match counts. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'disk-full',
    message: 'The build found no space left on the device',
    hint: 'Free disk space before this step, prune the build cache, or use a runner with a larger disk.',
  },
  {
    pattern: /failed to read dockerfile: .*no such file/i,
    code: 'dockerfile-missing',
    message: 'BuildKit did not find the Dockerfile in the build context',
    hint: 'Set `file` to its path relative to the workspace, and check that .dockerignore does not exclude it.',
  },
  {
    pattern: /is not supported for the \S+ driver|exporter "oci" could not be found/i,
    code: 'builder-missing',
    message: 'The builder in use cannot do what this build asks for',
    hint: BUILDER_HINT,
  },
  {
    pattern: /^no builder .* found|failed to find driver|no valid drivers found|docker daemon|docker API at/i,
    code: 'builder-missing',
    message: 'There is no builder that can make this image',
    hint: BUILDER_HINT,
  },
  {
    pattern: /^failed to build: context deadline exceeded|failed to list workers|failed to dial/i,
    code: 'builder-missing',
    message: 'The builder does not answer',
    hint: BUILDER_HINT,
  },
];

/** Turns what buildx wrote into one sentence, a place and a hint. */
export function buildFailure(stderr: string, dockerfile: string): PlimsollError {
  const summary = afterProgress(stderr);
  const verdict = /^ERROR: (.*)$/m.exec(summary)?.[1] ?? lastLines(stderr, 1)[0] ?? 'it gave no reason';
  const reason = verdict.replace(/^(?:failed to build: )?(?:failed to solve: )?/, '').slice(0, 600);
  const cause = new Error(lastLines(stderr).join('\n'));
  const said = withoutCommand(verdict);
  const known = explain(said);
  const place = placeIn(stderr, dockerfile);
  if (known !== undefined)
    return new PlimsollError(known.code, `${known.message}: ${reason}`, { hint: known.hint, cause, place });
  const where = place?.line === undefined ? '' : ` at ${place.file}:${place.line}`;
  return new PlimsollError('build-failed', `The image did not build${where}: ${reason}`, {
    hint: buildHint(said, summary),
    cause,
    place,
  });
}

function explain(verdict: string): Omit<Explanation, 'pattern'> | undefined {
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(verdict));
  if (known !== undefined) return known;
  const limit = readRateLimit(verdict);
  return limit === undefined ? undefined : { code: 'registry-rate-limited', ...limit };
}

/** A command of the Dockerfile may hold any text, also that of an error. */
function withoutCommand(verdict: string): string {
  return verdict.replace(/process ".*" did not complete/s, 'process did not complete');
}

/** The summary that buildx writes when the progress is over; steps that failed write `ERROR:` after a number. */
function afterProgress(stderr: string): string {
  return stderr
    .split(/\r?\n/)
    .filter((line) => !/^#\d+ /.test(line))
    .join('\n');
}

/** BuildKit shows the lines around the failure below `<name of the Dockerfile>:<line>`. */
function placeIn(stderr: string, dockerfile: string): Place | undefined {
  const line = /^\S.*:(\d+)\r?\n-{10,}\r?$/m.exec(stderr)?.[1];
  return line === undefined ? undefined : { file: dockerfile, line: Number(line) };
}
