import { digestOf, hexOf } from '../oci/digest.ts';
import { type RepositoryName, repositoryLabel } from '../oci/reference.ts';
import type { GitHubContext } from './context.ts';

/** The `cache` input. */
export type CacheMode = 'auto' | 'gha' | 'registry' | 'local' | 'off';

type Run = Pick<
  GitHubContext,
  | 'ref'
  | 'refType'
  | 'refName'
  | 'defaultBranch'
  | 'pullRequestNumber'
  | 'isForkPullRequest'
  | 'followsPullRequest'
  | 'toolCacheDir'
>;

export interface CacheRequest {
  readonly mode: CacheMode;
  readonly image: RepositoryName;
  /** Those that a job of several builds; none for a whole image. */
  readonly part: readonly string[];
  readonly github: Run;
  /** Whether the runner's cache service can be reached (ACTIONS_RUNTIME_TOKEN). */
  readonly hasService: boolean;
}

/** Lines for `--cache-from` and `--cache-to`. */
export interface CachePlan {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const NOTHING: CachePlan = { from: [], to: [] };
/** All layers, of all stages; and a cache that cannot be written makes the next build slower, and this one no worse. */
const WRITE = 'mode=max,ignore-error=true';

/**
 * Which caches a build reads and writes. Each branch has its own, and reads the default branch's as well; a pull request
 * has one that nobody else reads. What a tag or a release publishes is built with the default branch's cache and leaves
 * none behind. Only `gha` by its name writes one, which GitHub keeps from other refs; in a registry or a directory it
 * would be what the default branch reads.
 */
export function cachePlan(request: CacheRequest): CachePlan {
  const { mode, hasService } = request;
  if (mode === 'off' || (mode === 'auto' && !hasService)) return NOTHING;
  const own = ownScope(request);
  const shared = defaultScope(request);
  const kind = KINDS[mode === 'auto' ? 'gha' : mode];
  const read = [...new Set([own, shared])].filter((scope) => scope !== undefined);
  const write = mayWrite(request) ? [own ?? shared].filter((scope) => scope !== undefined) : [];
  return { from: read.map((scope) => kind.from(scope, request)), to: write.map((scope) => kind.to(scope, request)) };
}

interface Kind {
  readonly from: (scope: string, request: CacheRequest) => string;
  readonly to: (scope: string, request: CacheRequest) => string;
}

const KINDS: Readonly<Record<'gha' | 'registry' | 'local', Kind>> = {
  gha: {
    from: (scope) => `type=gha,scope=${scope}`,
    to: (scope) => `type=gha,scope=${scope},${WRITE}`,
  },
  // Beside the image: a tag in its own repository would name something without a signature.
  registry: {
    from: (scope, { image }) => `type=registry,ref=${repositoryLabel(image)}-cache:${scope}`,
    to: (scope, { image }) =>
      `type=registry,ref=${repositoryLabel(image)}-cache:${scope},image-manifest=true,oci-mediatypes=true,${WRITE}`,
  },
  local: {
    from: (scope, request) => `type=local,src=${directory(scope, request)}`,
    to: (scope, request) => `type=local,dest=${directory(scope, request)},${WRITE}`,
  },
};

/** A tag has none: the commit behind it was built on a branch. */
function ownScope(request: CacheRequest): string | undefined {
  const { pullRequestNumber, refType, refName } = request.github;
  if (pullRequestNumber !== undefined) return scopeOf(request, ['pull', `pr-${pullRequestNumber}`]);
  return refType === 'branch' ? scopeOf(request, ['branch', refName]) : undefined;
}

function defaultScope(request: CacheRequest): string | undefined {
  const { defaultBranch } = request.github;
  return defaultBranch === undefined ? undefined : scopeOf(request, ['branch', defaultBranch]);
}

/** With a hash, because `a/b` and `a-b` are two branches, `app` and `app-b` two images, and a branch may be called `pr-7`. */
function scopeOf({ image, part }: CacheRequest, [kind, name]: readonly ['branch' | 'pull', string]): string {
  const whole = [repositoryLabel(image), ...part, kind, name].join(' ');
  const readable = [...part, name]
    .join('-')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 80);
  return `${readable.replace(/^[.-]+/, '')}-${hexOf(digestOf(Buffer.from(whole))).slice(0, 8)}`;
}

function mayWrite({ mode, github }: CacheRequest): boolean {
  // Its own scope would be the default branch's, and every build reads that.
  if (github.followsPullRequest) return false;
  // A fork has no right to the registry, and its runner no directory that others read.
  if (github.isForkPullRequest && mode !== 'gha' && mode !== 'auto') return false;
  return mode === 'gha' || github.refType === 'branch' || github.pullRequestNumber !== undefined;
}

function directory(scope: string, { github }: CacheRequest): string {
  return `${github.toolCacheDir}/plimsoll/build-cache/${scope}`;
}
