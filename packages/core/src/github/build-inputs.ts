import path from 'node:path';
import { type ImageLabels, imageLabels } from '../metadata/labels.ts';
import { type ImageTags, imageTags } from '../metadata/tags.ts';
import { parseRepositoryName, type RepositoryName } from '../oci/reference.ts';
import type { TagRules } from '../policy/tags.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { GitHubContext } from './context.ts';
import type { Inputs } from './inputs.ts';

/** The inputs that `build` and the whole path have in common. */
export const BUILD_INPUTS = [
  'image',
  'context',
  'file',
  'platforms',
  'build-args',
  'tags',
  'labels',
  'sbom-generator',
] as const;

export interface BuildInputs {
  readonly image: RepositoryName;
  /** Absolute. */
  readonly context: string;
  /** Absolute; absent to look for one. */
  readonly file: string | undefined;
  /** `os/architecture[/variant]`, each once. */
  readonly platforms: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly sbomGenerator: string | undefined;
}

const PLATFORM = /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/;

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readBuildInputs(
  inputs: Inputs<(typeof BUILD_INPUTS)[number]>,
  { workspace }: Pick<GitHubContext, 'workspace'>,
): BuildInputs {
  const file = inputs.text('file');
  return Object.freeze({
    image: parseRepositoryName(inputs.required('image')),
    context: path.resolve(workspace, localDirectory(inputs.text('context') ?? '.')),
    file: file === undefined ? undefined : path.resolve(workspace, file),
    platforms: readPlatforms(inputs.list('platforms')),
    buildArgs: inputs.pairs('build-args'),
    tags: inputs.lines('tags'),
    labels: inputs.pairs('labels'),
    sbomGenerator: inputs.text('sbom-generator'),
  });
}

export interface ImageDescription {
  readonly tags: ImageTags;
  readonly labels: ImageLabels;
}

/** What the event and the inputs say an image is called and labelled. */
export function describeImage(build: BuildInputs, github: GitHubContext, rules: TagRules): ImageDescription {
  const tags = imageTags(github, build.tags, rules);
  return { tags, labels: imageLabels({ github, version: tags.version, given: build.labels }) };
}

function localDirectory(context: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(context)) return context;
  throw new PlimsollError('input-invalid', 'The input "context" is a URL, which is not supported', {
    hint: 'Check the repository out with actions/checkout and write "context: ." or a directory of it.',
  });
}

function readPlatforms(given: readonly string[]): readonly string[] {
  const platforms = given.length === 0 ? ['linux/amd64'] : given;
  for (const [index, platform] of platforms.entries()) {
    if (!PLATFORM.test(platform)) throw refused(platform, 'is not os/architecture');
    if (platforms.indexOf(platform) !== index) throw refused(platform, 'is given twice');
  }
  return platforms;
}

function refused(platform: string, why: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "platforms": "${platform.slice(0, 100)}" ${why}`, {
    hint: 'Write platforms such as "linux/amd64,linux/arm64", each once.',
  });
}
