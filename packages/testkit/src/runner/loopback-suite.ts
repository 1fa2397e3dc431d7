import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { World } from '../world/world.ts';
import { checkOutSuite } from './checked-out-suite.ts';

/** What prepares a hosted runner; the world has its builder and its emulators already. */
const PREPARATIONS = [
  'docker/setup-qemu-action',
  'docker/setup-buildx-action',
  'actions/download-artifact',
  'softprops/action-gh-release',
];
/** What they are asked for that a test may want to see, as outputs of the same names. */
const ASKED = ['name', 'tag_name', 'draft', 'prerelease'];

/** This repository and the actions that its workflows call, as act is to find them. */
export type LocalRepositories = Readonly<Record<string, string>>;

/**
 * The suite as callers have it, with the registries of the world in place of the public ones in its reusable workflows.
 * @param callers texts of workflows that call it, for the refs at which they do
 * @returns `owner/repository@ref` to directory
 */
export async function loopbackSuite(world: World, callers: readonly string[] = []): Promise<LocalRepositories> {
  const suite = await checkOutSuite(world.lifetime.folder('loopback-suite'));
  const texts = await rewriteWorkflows(path.join(suite, '.github/workflows'), world);
  const refs = new Set(['v1', ...[...texts, ...callers].flatMap(ownRefs)]);
  const nothing = await doneAction(world);
  const prepared = [...texts, ...callers].flatMap((text) => [
    ...text.matchAll(/uses: (?<name>[\w-]+\/[\w-]+)@(?<ref>[0-9a-f]{40})/g),
  ]);
  return {
    ...Object.fromEntries([...refs].map((ref) => [`plimsoll-ci/plimsoll@${ref}`, suite])),
    ...Object.fromEntries(
      prepared
        .filter(({ groups }) => PREPARATIONS.includes(groups?.['name'] ?? ''))
        .map(({ groups }) => [`${groups?.['name']}@${groups?.['ref']}`, nothing]),
    ),
  };
}

/** A tag, or what a release stamped. */
function ownRefs(text: string): readonly string[] {
  return [...text.matchAll(/uses: plimsoll-ci\/plimsoll[^@\s]*@(?<ref>\S+)/g)].map(
    ({ groups }) => groups?.['ref'] ?? '',
  );
}

async function rewriteWorkflows(folder: string, world: World): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) => /^(?:reusable_.*|release-docker)\.yml$/.test(file));
  const rewrite = async (file: string) => {
    const text = await readFile(path.join(folder, file), 'utf8');
    const local = text
      .replaceAll('ghcr.io', world.ghcr.host)
      .replaceAll('quay.io', world.quay.host)
      // act has no such property.
      .replaceAll('github.ref_protected', "(vars.REF_PROTECTED == 'true')");
    await writeFile(path.join(folder, file), local);
    return local;
  };
  return Promise.all(files.map(rewrite));
}

async function doneAction(world: World): Promise<string> {
  const directory = world.lifetime.folder('nothing-to-do');
  const entries = <T>(of: (name: string) => T) => Object.fromEntries(ASKED.map((name) => [name, of(name)]));
  const inputs = entries((name) => ({ description: name, default: '' }));
  const env = entries((name) => `\${{ inputs.${name} }}`);
  const run = ASKED.map((name) => `[ -z "$${name}" ] || echo "${name}=$${name}" >> "$GITHUB_OUTPUT"`).join('\n');
  const outputs = entries((name) => ({ description: name, value: `\${{ steps.done.outputs.${name} }}` }));
  const steps = [{ id: 'done', run: `${run}\ntrue`, shell: 'bash', env }];
  const done = { name: 'done', inputs, outputs, runs: { using: 'composite', steps } };
  await writeFile(path.join(directory, 'action.yml'), stringify(done));
  return directory;
}
