import { PlimsollError } from '../runtime/errors.ts';
import { lastLines } from '../runtime/exec-failure.ts';
import type { Place } from '../runtime/log.ts';

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
    pattern: /toomanyrequests|429 Too Many Requests/i,
    code: 'registry-rate-limited',
    message: 'A registry refused to give more base images for now',
    hint: 'For Docker Hub, write "mirror: mirror.gcr.io", or log in to it before this step (docker/login-action): anonymous pulls have the lowest limit.',
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
    message: 'The builder in use cannot write an OCI layout with attestations',
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
  const verdict = /^ERROR: (.*)$/m.exec(afterProgress(stderr))?.[1] ?? lastLines(stderr, 1)[0] ?? 'it gave no reason';
  const reason = verdict.replace(/^(?:failed to build: )?(?:failed to solve: )?/, '').slice(0, 600);
  const cause = new Error(lastLines(stderr).join('\n'));
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(verdict));
  const place = placeIn(stderr, dockerfile);
  if (known !== undefined)
    return new PlimsollError(known.code, `${known.message}: ${reason}`, { hint: known.hint, cause, place });
  const where = place?.line === undefined ? '' : ` at ${place.file}:${place.line}`;
  return new PlimsollError('build-failed', `The image did not build${where}: ${reason}`, {
    hint: hintFor(reason),
    cause,
    place,
  });
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

function hintFor(reason: string): string {
  if (/buildkit-syft-scanner/.test(reason)) {
    return 'The SBOM generator could not be pulled: let the builder reach it, or name another in `sbom-generator`.';
  }
  if (/exit code: \d+/.test(reason)) return 'The command in this line failed; its own output is in the log above.';
  if (/failed to calculate checksum|not found/.test(reason)) {
    return 'Check that the file is in the build context and that .dockerignore does not exclude it.';
  }
  if (/exec format error/.test(reason)) {
    return 'The builder cannot run this platform: install QEMU first (docker/setup-qemu-action), or cross-compile.';
  }
  return 'The steps of the build are in the log above.';
}
