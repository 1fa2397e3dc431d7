import type { ActionContext } from '../../github/action.ts';
import type { BuildInputs } from '../../github/build-inputs.ts';
import { cachePlan } from '../../github/cache-plan.ts';
import { gitSecret, gitToken } from '../../github/git-context.ts';
import { toolPorts } from '../../github/tool-ports.ts';
import type { ImageDescription } from '../../metadata/image-plan.ts';
import type { Limits } from '../../policy/limits.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';
import { removeBuilder } from '../../tools/builder.ts';
import { readGitTree } from '../../tools/git-tree.ts';
import type { BuildOptions } from '../../tools/build-options.ts';
import { buildLayout } from '../../tools/buildx.ts';
import { type BuildResult, build } from '../build.ts';
import { findDockerfile } from './dockerfile.ts';
import { provideBuilders } from './provided-builder.ts';
import type { ReadGit } from './source.ts';
import { type BuildLayout, spreadBuild } from './spread-build.ts';

/** What is known of the image before it is built. */
export interface Described {
  readonly image: ImageDescription;
  readonly limits: Limits;
}

type Context = ActionContext<never>;

const BUILDERS = 'builders';

/** Builds the image of a run, with builders that {@link removeRunBuilders} removes again if they were made for this. */
export async function buildRun(
  given: BuildInputs,
  { image, limits }: Described,
  context: Context,
): Promise<BuildResult> {
  const { github, log, clock, state } = context;
  const tools = toolPorts(context);
  // A builder is made for what can be built.
  if (given.git === undefined) await findDockerfile(given.context, given.file);
  const { nodes, made } = await provideBuilders(given.builder, tools);
  if (made.length > 0) state.save(BUILDERS, made.join(' '));
  const { labels, annotations, createdAt } = image;
  const described = { commitTag: image.tags.commit, labels, annotations, createdAt, limits };
  const places = { tempDir: github.tempDir, workspace: github.workspace };
  const onOne = goingOnUncached((task) => buildLayout(task, tools), log);
  const layoutOf: BuildLayout = nodes.length === 0 ? onOne : (task) => spreadBuild(task, nodes, onOne);
  const { secrets = [] } = given.options;
  const token = given.git && gitToken(given.git, secrets, github);
  const readGit: ReadGit = (git, wanted) => readGitTree(git, wanted, { ...tools, token });
  const own = given.git === undefined ? [] : gitSecret(given.git, secrets, github);
  const options = withCaches({ ...given.options, secrets: [...secrets, ...own] }, given, context);
  return build({ ...given, ...described, ...places, options }, { buildLayout: layoutOf, readGit, log, clock });
}

/** A cache that cannot even be set up must not fail a build either, and `ignore-error` is of no help there. */
function goingOnUncached(buildOnce: BuildLayout, log: Log): BuildLayout {
  return async (task) => {
    try {
      return await buildOnce(task);
    } catch (error) {
      if (!isFailure(error, 'build-failed') || !/failed to configure \S+ cache (?:ex|im)porter/.test(error.message))
        throw error;
      log.warning(`Building without caches: ${error.message}`);
      return buildOnce({ ...task, cacheFrom: [], cacheTo: [] });
    }
  };
}

/** The caches that the run's event and the `cache` input call for, after those that are listed. */
function withCaches(options: BuildOptions, { cache, image, mode, platforms }: BuildInputs, context: Context) {
  const { github, env, log } = context;
  // BuildKit reads the token's claims, and refuses to build with one that has none.
  const hasToken = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(env['ACTIONS_RUNTIME_TOKEN'] ?? '');
  const hasService = hasToken && Boolean(env['ACTIONS_RESULTS_URL'] || env['ACTIONS_CACHE_URL']);
  if (cache === 'gha' && !hasService)
    log.warning('There is no cache service of a runner here, so "cache: gha" has no effect');
  const plan = cachePlan({ mode: cache, image, part: mode === 'shard' ? platforms : [], github, hasService });
  const read = options.noCache === true ? [] : plan.from;
  return {
    ...options,
    cacheFrom: [...(options.cacheFrom ?? []), ...read],
    cacheTo: [...(options.cacheTo ?? []), ...plan.to],
  };
}

/** The end of a job: nothing that was made for its build stays. @throws PlimsollError `builder-missing` with what buildx said */
export async function removeRunBuilders(context: Context): Promise<void> {
  const names = context.state.saved(BUILDERS)?.split(' ') ?? [];
  if (names.length > 0) context.log.info(`Removing ${names.join(', ')}`);
  await settled(names.map((name) => removeBuilder(name, toolPorts(context))));
}
