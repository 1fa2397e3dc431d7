import type { ActionContext } from '../../github/action.ts';
import type { ArtifactInputs } from '../../github/artifact-inputs.ts';
import type { BuildInputs } from '../../github/build-inputs.ts';
import { gitSecret, gitToken } from '../../github/git-context.ts';
import { toolPorts } from '../../github/tool-ports.ts';
import type { ImageDescription } from '../../metadata/image-plan.ts';
import type { Limits } from '../../policy/limits.ts';
import { Memory } from '../../runtime/memory.ts';
import { settled } from '../../runtime/settled.ts';
import { removeBuilder } from '../../tools/builder.ts';
import { readGitTree } from '../../tools/git-tree.ts';
import { buildLayout } from '../../tools/buildx.ts';
import { type BuildResult, build } from '../build.ts';
import { buildArtifact } from './artifact.ts';
import { cachedBuild } from './cached-build.ts';
import type { MemberBase } from './member-bases.ts';
import { type BuilderWish, provideBuilders } from './provided-builder.ts';
import type { ReadGit } from './source.ts';
import { type BuildLayout, type SpreadNode, spreadBuild } from './spread-build.ts';

/** What is known of the image before it is built. */
export interface Described {
  readonly image: ImageDescription;
  readonly limits: Limits;
  /** Images of this run that it is built on. */
  readonly bases?: readonly MemberBase[] | undefined;
  /** Those of the run, where it builds several images. */
  readonly builders?: RunBuilders | undefined;
}

/** Provides the builders of a run when they are first asked for: not for what cannot be built. */
export type RunBuilders = () => Promise<readonly SpreadNode[]>;

type Context = ActionContext<never>;

const BUILDERS = 'builders';

/** Builds the image of a run, with builders that {@link removeRunBuilders} removes again if they were made for this. */
export async function buildRun(
  given: BuildInputs,
  { image, limits, bases, builders }: Described,
  context: Context,
): Promise<BuildResult> {
  const { github, log, clock } = context;
  const { artifact } = given;
  if (artifact !== undefined) return artifactRun({ ...given, artifact }, { image, limits }, context);
  const tools = toolPorts(context);
  const { tags, labels, annotations, known, createdAt } = image;
  const described = { commitTag: tags.commit, labels, annotations, known, createdAt, limits, bases };
  // A shard carries what is said about it to the merge, which puts it where it is to be.
  const attestationStyle = given.mode === 'shard' ? 'inline' : given.attestationStyle;
  const places = { tempDir: github.tempDir, workspace: github.workspace };
  const onOne = cachedBuild(given, context, (task) => buildLayout(task, tools));
  const nodesOf = builders ?? runBuilders(given.builder, context);
  let nodes: readonly SpreadNode[] = [];
  const layoutOf: BuildLayout = async (task) => {
    nodes = await nodesOf();
    return nodes.length === 0 ? onOne(task) : spreadBuild(task, nodes, onOne);
  };
  const { secrets = [] } = given.options;
  const readGit = gitReader(given, context);
  const own = given.git === undefined ? [] : gitSecret(given.git, secrets, github);
  const options = { ...given.options, secrets: [...secrets, ...own] };
  const task = { ...given, ...described, ...places, attestationStyle, options };
  return { ...(await build(task, { buildLayout: layoutOf, readGit, log, clock })), nodes };
}

/** No builder, and no tool at all. */
function artifactRun(
  { image: name, artifact, options }: BuildInputs & { readonly artifact: ArtifactInputs },
  { image, limits }: Described,
  { github: { workspace, tempDir }, log, clock }: Context,
): Promise<BuildResult> {
  const wanted = { provenance: options.provenance !== 'off', sbom: options.sbom !== false };
  return buildArtifact(
    { image: name, artifact, description: image, wanted, limits, workspace, tempDir },
    { log, clock },
  );
}

/** Reads repositories as this run may. */
export function gitReader({ git, options: { secrets = [] } }: BuildInputs, context: Context): ReadGit {
  const token = git && gitToken(git, secrets, context.github);
  return (repository, wanted) => readGitTree(repository, wanted, { ...toolPorts(context), token });
}

/** Builders for all images of a run, made once; {@link removeRunBuilders} removes those that were made for this. */
export function runBuilders(wish: BuilderWish, context: Context): RunBuilders {
  const memory = new Memory();
  const remember = (names: readonly string[]) => context.state.save(BUILDERS, names.join(' '));
  return () => memory.once('builders', () => provideBuilders(wish, { ...toolPorts(context), remember }));
}

/** The end of a job: nothing that was made for its build stays. @throws PlimsollError `builder-missing` with what buildx said */
export async function removeRunBuilders(context: Context): Promise<void> {
  const names = context.state.saved(BUILDERS)?.split(' ') ?? [];
  if (names.length > 0) context.log.info(`Removing ${names.join(', ')}`);
  await settled(names.map((name) => removeBuilder(name, toolPorts(context))));
}
