import path from 'node:path';
import type { Digest } from '../oci/digest.ts';
import { parseRepositoryName, type RepositoryName } from '../oci/reference.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { SmokeTest } from '../policy/smoke-test.ts';
import type { BuildOptions } from '../tools/build-options.ts';
import type { GitContext } from '../tools/git-tree.ts';
import { refuseStrayAnnotations } from './annotation-platforms.ts';
import { type DockerMatrix, readDockerMatrix } from './docker-matrix.ts';
import { ARTIFACT_INPUTS, type ArtifactInputs, readArtifactInputs } from './artifact-inputs.ts';
import { readRef, readSha } from './commit-inputs.ts';
import { readPlatforms, readRunners } from './platforms-input.ts';
import { readShards } from './shards-input.ts';
import { readSmokeInput } from './smoke-input.ts';
import { readBuilderInputs, refuseUncovered } from './builder-inputs.ts';
import { OPTION_INPUTS, readBuildOptions } from './build-options.ts';
import type { CacheMode } from './cache-plan.ts';
import type { GitHubContext } from './context.ts';
import type { MetadataInputs } from './image-description.ts';
import { readSource } from './source-input.ts';
import type { Inputs, Masker } from './inputs.ts';
import { refuseBuildOnly } from './merge-inputs.ts';

/** The inputs that `build` and the whole path have in common. */
export const BUILD_INPUTS = [
  'image',
  'context',
  'file',
  'if-missing',
  'platforms',
  'docker-matrix',
  'images-matrix',
  'build-args',
  'tags',
  'flavor',
  'channel',
  'labels',
  'annotations',
  'ref',
  'sha',
  'created',
  'force-rebuild',
  'mode',
  'shards',
  'runners',
  'attestation-style',
  'cache',
  ...ARTIFACT_INPUTS,
  'smoke-test',
  'compose-file',
  ...OPTION_INPUTS,
] as const;

export interface BuildInputs {
  readonly image: RepositoryName;
  /** Absolute, or the URL as it was written. */
  readonly context: string;
  /** What is published in place of an image, if so. */
  readonly artifact: ArtifactInputs | undefined;
  /** Absolute, or relative to the directory of the repository; absent to look for one. */
  readonly file: string | undefined;
  /** Whether an image without a Dockerfile is a mistake, or nothing to build. */
  readonly ifMissing: 'error' | 'skip';
  /** The repository that is the context, if one is. */
  readonly git: GitContext | undefined;
  /** `os/architecture[/variant]`, each once. */
  readonly platforms: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly metadata: MetadataInputs;
  /** The whole image, some platforms of it, or the joining of those. */
  readonly mode: 'single' | 'shard' | 'merge';
  /** What the jobs of the matrix pushed. */
  readonly shards: readonly Digest[];
  /** Labels for `runs-on` by platform. */
  readonly runners: Readonly<Record<string, string>>;
  readonly attestationStyle: 'inline' | 'referrers';
  readonly cache: CacheMode;
  /** How the image is started before it leaves the job; none when empty. */
  readonly smokeTests: readonly SmokeTest[];
  /** Smoke tests of platforms that another job builds. */
  readonly testsElsewhere: readonly SmokeTest[];
  /** Absolute. */
  readonly composeFile: string | undefined;
  readonly builder: ReturnType<typeof readBuilderInputs>;
  readonly options: BuildOptions;
}

type BuildInputReader = Inputs<(typeof BUILD_INPUTS)[number]>;

export interface BuildInputPorts {
  readonly github: Pick<GitHubContext, 'workspace' | 'repository' | 'serverUrl' | 'sha' | 'ref' | 'token'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Masker;
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readBuildInputs(inputs: BuildInputReader, ports: BuildInputPorts): BuildInputs {
  const image = parseRepositoryName(inputs.required('image'));
  const shared = readSharedInputs(inputs, ports);
  refuseUncovered(shared.builder, shared.platforms);
  const { github } = ports;
  const artifact = readArtifactInputs(inputs, github.workspace);
  const compose = inputs.text('compose-file');
  const composeFile = compose === undefined ? undefined : path.resolve(github.workspace, compose);
  const given = { context: inputs.text('context') ?? '.', file: inputs.text('file') };
  // A shard has the annotations of the whole image, and builds a part of it.
  if (shared.mode !== 'shard') refuseStrayAnnotations(shared.metadata.annotations, shared.platforms);
  const { sha = github.sha } = shared.metadata;
  const source = readSource(given, github.workspace, { ...github, sha });
  return Object.freeze({ image, artifact, composeFile, ...source, ...shared });
}

/** What the inputs say of every image of a run, if it has several. */
export type SharedBuildInputs = Omit<BuildInputs, 'image' | 'artifact' | 'composeFile' | 'context' | 'file' | 'git'>;

/** @throws PlimsollError `input-*` */
export function readSharedInputs(
  inputs: BuildInputReader,
  { github: { workspace }, env, secrets }: BuildInputPorts,
): SharedBuildInputs {
  const { platforms, runners } = readMatrix(inputs);
  return {
    ifMissing: inputs.choice('if-missing', ['error', 'skip']),
    platforms,
    runners,
    buildArgs: inputs.pairs('build-args'),
    metadata: readMetadataInputs(inputs),
    ...readScaleInputs(inputs),
    cache: readCacheMode(inputs),
    ...readSmokeInput(inputs, platforms),
    builder: readBuilderInputs(inputs, workspace),
    options: readBuildOptions({ inputs, env, workspace, masker: secrets }),
  };
}

/** What is built, and on which runners if not on GitHub's. */
function readMatrix(inputs: BuildInputReader): DockerMatrix {
  const text = inputs.text('docker-matrix');
  const listed = inputs.list('platforms');
  const runners = readRunners(inputs.pairs('runners'));
  if (text === undefined) return { platforms: readPlatforms(listed), runners };
  if (listed.length > 0) throw twice('platforms', 'lists the platforms');
  const matrix = readDockerMatrix(text);
  const both = Object.keys(runners).find((platform) => matrix.runners[platform] !== undefined);
  if (both !== undefined) throw twice('runners', `has a label for ${both}`);
  return { ...matrix, runners: { ...runners, ...matrix.runners } };
}

function twice(input: string, why: string): PlimsollError {
  return new PlimsollError('input-conflict', `"docker-matrix" and "${input}" are both given, and each ${why}`, {
    hint: `Keep "docker-matrix", or write "platforms" and "runners" without it.`,
  });
}

/** Whoever lists caches wants those. */
function readCacheMode(inputs: BuildInputReader): CacheMode {
  const cache = inputs.choice('cache', ['auto', 'gha', 'registry', 'local', 'off']);
  const listed = inputs.entries('cache-from').length + inputs.entries('cache-to').length > 0;
  if (!listed) return cache;
  if (cache === 'auto' || cache === 'off') return 'off';
  throw new PlimsollError('input-conflict', `"cache: ${cache}" and "cache-from" or "cache-to" are both given`, {
    hint: 'Keep "cache", which names and separates the caches itself, or list them in "cache-from" and "cache-to".',
  });
}

function readScaleInputs(inputs: BuildInputReader) {
  const mode = inputs.choice('mode', ['single', 'shard', 'merge']);
  const attestationStyle = inputs.choice('attestation-style', ['inline', 'referrers']);
  const shards = readShards(inputs.text('shards') ?? '');
  if (mode === 'merge') refuseBuildOnly(inputs);
  if (mode !== 'merge' && shards.length > 0) {
    throw new PlimsollError('input-conflict', `"shards" are merged, and the mode is "${mode}"`, {
      hint: 'Write "mode: merge" in the job that puts them together, and leave "shards" out in the others.',
    });
  }
  return { mode, attestationStyle, shards } as const;
}

function readMetadataInputs(inputs: BuildInputReader): MetadataInputs {
  return {
    tags: inputs.lines('tags'),
    flavor: inputs.lines('flavor'),
    channel: inputs.text('channel'),
    labels: inputs.pairs('labels'),
    annotations: inputs.entries('annotations'),
    ref: readRef(inputs.text('ref')),
    sha: readSha(inputs.text('sha')),
    created: inputs.choice('created', ['commit', 'now']),
    forceRebuild: inputs.choice('force-rebuild', ['auto', 'true', 'false']),
  };
}
