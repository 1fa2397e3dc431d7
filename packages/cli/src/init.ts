import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SUITE } from './action-file.ts';
import type { LocalRepository } from './repository.ts';
import { UsageError } from './usage-error.ts';

/** A file that `plimsoll init` writes, and what is there already. */
export interface PlannedFile {
  /** From the top of the repository. */
  readonly file: string;
  readonly content: string;
  /** `differs` is never overwritten. */
  readonly state: 'new' | 'same' | 'differs';
}

export interface InitOptions {
  readonly directory: string;
  readonly repository: LocalRepository;
  /** What is wanted beside the usual workflows. */
  readonly extras: readonly Extra[];
}

const WORKFLOWS = ['ci_publish_ghcr.yml', 'ci_check_image.yml', 'prune.yml'];

/** The templates that each option adds. */
const EXTRAS = {
  quay: ['ci_publish_quay.yml'],
  release: ['release-image.yml'],
  'release-dispatch': ['release-dispatch.yml'],
  rollback: ['rollback.yml', 'release-channel.yml'],
  rescan: ['rescan.yml'],
} as const;

export type Extra = keyof typeof EXTRAS | 'dependabot';
export const EXTRA_NAMES = [
  'quay',
  'release',
  'release-dispatch',
  'rollback',
  'rescan',
  'dependabot',
] as const satisfies readonly Extra[];
const DOCKERFILES = ['Dockerfile', 'Containerfile', 'docker/Dockerfile', 'build/Dockerfile'];

/**
 * The policy and the workflows for this repository; pure but for reading.
 * @throws UsageError where there is no repository of GitHub, or nothing to build
 */
export function planInit({ directory, repository, extras }: InitOptions): readonly PlannedFile[] {
  const { name, ref } = repository;
  if (name === undefined) {
    throw new UsageError(
      'This is no clone of a repository on GitHub',
      'Run "git remote add origin https://github.com/owner/name.git" first.',
    );
  }
  if (!DOCKERFILES.some((file) => existsSync(path.join(directory, file)))) {
    throw new UsageError('There is nothing to build here', `Write one of ${DOCKERFILES.join(', ')}.`);
  }
  const branch = ref?.replace('refs/heads/', '') ?? 'main';
  const more = extras.flatMap((extra) => (extra === 'dependabot' ? [] : EXTRAS[extra]));
  const workflows = [...WORKFLOWS, ...more].map((template) => ({
    file: `.github/workflows/${template}`,
    content: forRepository(readTemplate(template), name, branch),
  }));
  const pins = { file: '.github/dependabot.yml', content: readTemplate('config/dependabot.yml') };
  const files = [{ file: '.github/plimsoll.yml', content: policyFor(name, signersOf(extras)) }, ...workflows];
  return plannedIn(directory, extras.includes('dependabot') ? [...files, pins] : files);
}

/**
 * The reusable workflows for the repository in which an organisation keeps its own: what they sign carries that
 * repository's name then, and the organisation's commands and policies go on to hold.
 */
export function planOrgInfra(directory: string): readonly PlannedFile[] {
  const folder = path.join(SUITE, '.github/workflows');
  const reusable = readdirSync(folder).filter((name) => /^(?:reusable_.*|release-docker)\.yml$/.test(name));
  return plannedIn(
    directory,
    reusable.map((name) => ({
      file: `.github/workflows/${name}`,
      content: readFileSync(path.join(folder, name), 'utf8'),
    })),
  );
}

function plannedIn(directory: string, files: readonly Omit<PlannedFile, 'state'>[]): readonly PlannedFile[] {
  return files.map((planned) => ({ ...planned, state: stateOf(path.join(directory, planned.file), planned.content) }));
}

function readTemplate(name: string): string {
  return readFileSync(path.join(SUITE, 'templates', name), 'utf8');
}

/** Writes what is new. */
export async function applyInit(directory: string, plan: readonly PlannedFile[]): Promise<void> {
  for (const { file, content } of plan.filter(({ state }) => state === 'new')) {
    const target = path.join(directory, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

/** Registries take lower case only, and `github.repository` is as its owner wrote it. */
function forRepository(template: string, name: string, branch: string): string {
  const lower = name.toLowerCase();
  const named = lower === name ? template : template.replaceAll('io/${{ github.repository }}', `io/${lower}`);
  return named.replaceAll('branches: [main]', `branches: [${JSON.stringify(branch)}]`.replace('["main"]', '[main]'));
}

/** The reusable workflows that sign what this repository publishes. */
function signersOf(extras: readonly Extra[]): readonly string[] {
  return ['reusable_pipeline.yml', ...(extras.includes('release-dispatch') ? ['release-docker.yml'] : [])];
}

function policyFor(name: string, signers: readonly string[]): string {
  const shared = signers.map((file) => `    - https://github.com/plimsoll-ci/plimsoll/.github/workflows/${file}@**\n`);
  return `# What may be published, who may sign it, and what is kept. Read from the default branch only.
# yaml-language-server: $schema=https://raw.githubusercontent.com/plimsoll-ci/plimsoll/main/schema/policy.schema.json

scan:
  severity: [HIGH, CRITICAL]

verify:
  source-repository: ${name}
  identities:
    - https://github.com/${name}/.github/workflows/*@**
${shared.join('')}`;
}

function stateOf(target: string, content: string): PlannedFile['state'] {
  if (!existsSync(target)) return 'new';
  return readFileSync(target, 'utf8') === content ? 'same' : 'differs';
}
