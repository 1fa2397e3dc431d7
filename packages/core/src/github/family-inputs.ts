import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bakeFamily } from '../metadata/bake-family.ts';
import type { FamilyMember, Need } from '../metadata/family.ts';
import { parseFamily } from '../metadata/family-file.ts';
import { parseRepositoryName } from '../oci/reference.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { readBakeFile } from '../tools/bake.ts';
import type { ToolPorts } from '../tools/tool-ports.ts';
import { refuseUncovered } from './builder-inputs.ts';
import type { BuildInputs, SharedBuildInputs } from './build-inputs.ts';
import { resolveContexts } from './build-options.ts';
import type { GitHubContext } from './context.ts';
import type { Inputs } from './inputs.ts';
import { readPlatforms } from './platforms-input.ts';
import { firstSaid } from './said-inputs.ts';
import { readSource } from './source-input.ts';
import { smokeTestsFor } from './smoke-input.ts';

/** One image of a family, with everything that its build is told. */
export interface FamilyBuild {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly build: BuildInputs;
}

type Run = Pick<GitHubContext, 'workspace' | 'repository' | 'serverUrl' | 'sha' | 'ref' | 'token' | 'tempDir'>;

export interface FamilyPorts {
  readonly github: Run;
  readonly tools: ToolPorts;
}

/** Inputs about one image, which each image of a family has for itself. */
const OF_ONE = [
  'image',
  'context',
  'file',
  'target',
  'docker-matrix',
  'images-matrix',
  'shards',
  'runners',
  'artifact-type',
  'files',
  'smoke-test',
  'compose-file',
  'baseline',
  'mode',
  'if-missing',
] as const;

/** @throws PlimsollError `input-conflict` for inputs that a family has no use for */
export function refuseInputsOfOne(inputs: Inputs<(typeof OF_ONE)[number]>): void {
  const given = firstSaid(inputs, OF_ONE);
  if (given === undefined) return;
  throw new PlimsollError('input-conflict', `"images" and "${given}" are both given`, {
    hint: `Leave "${given}" out: it is about one image, and each of the family says its own.`,
  });
}

/**
 * The images of a run: YAML, the path of a YAML or JSON file, or of a bake file, `docker-bake.hcl#target,target`.
 * @returns what an image needs stands before it
 * @throws PlimsollError `family-invalid`, `input-invalid`, `input-conflict`
 */
export async function readFamily(
  text: string,
  shared: SharedBuildInputs,
  ports: FamilyPorts,
): Promise<readonly FamilyBuild[]> {
  const { members, directory } = await membersOf(text, ports);
  if (shared.options.provenance === 'off') refuseUnproved(members);
  const builds: FamilyBuild[] = [];
  for (const member of members) {
    const build = await buildOf(member, shared, { directory, ...ports });
    refuseMissingPlatforms({ member, build }, builds);
    builds.push({ name: member.name, needs: member.needs, build });
  }
  return builds;
}

/** Provenance alone says what an image was built on. */
function refuseUnproved(members: readonly FamilyMember[]): void {
  const standing = members.find(({ needs }) => needs.length > 0);
  if (standing === undefined) return;
  throw new PlimsollError('input-conflict', `${standing.name} needs other images, and "provenance" is "off"`, {
    hint: 'Write "provenance: max" or "min": it proves that each image was built on those that it needs.',
  });
}

interface WrittenFamily {
  readonly members: readonly FamilyMember[];
  /** Where relative paths start. */
  readonly directory: string;
}

async function membersOf(text: string, { github: { workspace }, tools }: FamilyPorts): Promise<WrittenFamily> {
  if (/[\n{[]|:\s/.test(text)) return { members: parseFamily(text, 'the input "images"'), directory: workspace };
  const [name = '', chosen = ''] = text.split(/#(.*)/s);
  const file = path.resolve(workspace, name);
  const written = readWritten(file, name);
  if (!isBake(name, written)) return { members: parseFamily(written, name), directory: path.dirname(file) };
  const targets = chosen.split(',').flatMap((target) => target.trim() || []);
  return {
    members: bakeFamily(await readBakeFile({ file, targets, directory: workspace }, tools), name),
    directory: workspace,
  };
}

function readWritten(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlimsollError('input-invalid', `The input "images" names ${name.slice(0, 200)}, which cannot be read`, {
      hint: 'Write the path of a file in the checkout, such as "images: docker/images.yml", or the YAML itself.',
      cause,
    });
  }
}

/** A bake file in JSON has its targets under `target`. */
function isBake(name: string, text: string): boolean {
  return name.endsWith('.hcl') || (name.endsWith('.json') && /^\s*\{[\s\S]*"target"\s*:\s*\{/.test(text));
}

interface Place extends FamilyPorts {
  readonly directory: string;
}

async function buildOf(member: FamilyMember, shared: SharedBuildInputs, place: Place): Promise<BuildInputs> {
  const { directory, github } = place;
  const { context = '.', annotations, tags } = member;
  const file = member.dockerfile === undefined ? member.file : await writeDockerfile(member, github.tempDir);
  const { metadata, options } = shared;
  const { sha = github.sha } = metadata;
  const { platforms } = member;
  const wanted = platforms === undefined ? shared.platforms : said(member, 'platforms', () => readPlatforms(platforms));
  said(member, 'platforms', () => refuseUncovered(shared.builder, wanted));
  return Object.freeze({
    ...shared,
    artifact: undefined,
    composeFile: undefined,
    image: parseRepositoryName(member.image),
    ...said(member, 'context', () => readSource({ context, file }, directory, { ...github, sha })),
    platforms: wanted,
    buildArgs: { ...shared.buildArgs, ...member.buildArgs },
    smokeTests: said(member, 'smoke-test', () => smokeTestsFor(member.smokeTest, wanted)),
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...member.labels },
      annotations: [...metadata.annotations, ...annotations],
      tags: tags ?? metadata.tags,
    },
    options: {
      ...options,
      target: member.target,
      buildContexts: {
        ...options.buildContexts,
        ...said(member, 'build-contexts', () => resolveContexts(member.buildContexts, directory)),
      },
    },
  });
}

async function writeDockerfile({ name, dockerfile = '' }: FamilyMember, tempDir: string): Promise<string> {
  const file = path.join(tempDir, 'plimsoll-family', name, 'Dockerfile');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, dockerfile);
  return file;
}

/** A mistake that an input could have too, told at the place where the member has it. */
function said<T>(member: FamilyMember, key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isFailure(error, 'input-invalid') && !isFailure(error, 'input-conflict')) throw error;
    throw member.refuse([key], error.message.replace(/^The input "[^"]*":? ?/, ''), error.hint);
  }
}

/** An image can be built for the platforms alone that what it stands on is there for. */
function refuseMissingPlatforms(
  { member, build }: { readonly member: FamilyMember; readonly build: BuildInputs },
  before: readonly FamilyBuild[],
): void {
  for (const { member: name } of member.needs) {
    const base = before.find((each) => each.name === name);
    const missing = build.platforms.find((platform) => base?.build.platforms.includes(platform) !== true);
    if (missing === undefined) continue;
    const hint = `Add ${missing} to the platforms of ${name}, or take it away from those of ${member.name}.`;
    throw member.refuse(['platforms'], `${member.name} is for ${missing}, and ${name}, which it needs, is not`, hint);
  }
}
