import { existsSync, readFileSync } from 'node:fs';
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
  /** Also the workflow that promotes to Quay. */
  readonly quay: boolean;
}

const WORKFLOWS = ['ci_publish_ghcr.yml', 'ci_check_image.yml', 'prune.yml'];
const DOCKERFILES = ['Dockerfile', 'Containerfile', 'docker/Dockerfile', 'build/Dockerfile'];

/**
 * The policy and the workflows for this repository; pure but for reading.
 * @throws UsageError where there is no repository of GitHub, or nothing to build
 */
export function planInit({ directory, repository, quay }: InitOptions): readonly PlannedFile[] {
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
  const workflows = [...WORKFLOWS, ...(quay ? ['ci_publish_quay.yml'] : [])].map((template) => ({
    file: `.github/workflows/${template}`,
    content: forRepository(readFileSync(path.join(SUITE, 'templates', template), 'utf8'), name, branch),
  }));
  const files = [{ file: '.github/plimsoll.yml', content: policyFor(name) }, ...workflows];
  return files.map((planned) => ({ ...planned, state: stateOf(path.join(directory, planned.file), planned.content) }));
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

function policyFor(name: string): string {
  return `# What may be published, who may sign it, and what is kept. Read from the default branch only.
# yaml-language-server: $schema=https://raw.githubusercontent.com/plimsoll-ci/plimsoll/main/schema/policy.schema.json

scan:
  severity: [HIGH, CRITICAL]

verify:
  source-repository: ${name}
  identities:
    - https://github.com/${name}/.github/workflows/*@**
    - https://github.com/plimsoll-ci/plimsoll/.github/workflows/reusable_pipeline.yml@**
`;
}

function stateOf(target: string, content: string): PlannedFile['state'] {
  if (!existsSync(target)) return 'new';
  return readFileSync(target, 'utf8') === content ? 'same' : 'differs';
}
