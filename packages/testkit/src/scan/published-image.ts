import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { executeCopy } from '@plimsoll/core/oci/copy';
import { planCopy } from '@plimsoll/core/oci/copy-plan';
import { openLayout } from '@plimsoll/core/oci/layout';
import { parseRepositoryName } from '@plimsoll/core/oci/reference';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { hang, signAs } from '../evidence/forge.ts';
import type { Tree, WrittenLayout } from '../layout/image-layout.ts';
import type { Claims } from '../world/identity.ts';
import type { World } from '../world/world.ts';

const execute = promisify(execFile);

/** `acme/app` at GHCR, to push to. */
export function repositoryOf(world: World): Repository {
  const { host, username, token } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: token }]);
  return new Registries({ credentials }).repository(parseRepositoryName(`${host}/acme/app`), 'push');
}

/** Copies a layout to `acme/app` at GHCR. @returns `registry/repository@digest` */
export async function publishLayout(world: World, written: WrittenLayout): Promise<string> {
  const target = repositoryOf(world);
  const source = await openLayout(written.directory);
  const plan = await planCopy({ source, target, root: source.root, referrers: false });
  await executeCopy(plan, { source, target });
  return `${target.label}@${written.digest}`;
}

/** An SPDX document of these files, as BuildKit's generator makes it: with syft. */
export async function spdxOf(world: World, tree: Tree): Promise<object> {
  const root = mkdtempSync(path.join(world.directory, 'sbom-'));
  for (const [name, content] of Object.entries(tree)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  const args = [
    'scan',
    '--quiet',
    '--override-default-catalogers',
    'image',
    '--base-path',
    root,
    '--output',
    'spdx-json',
  ];
  const env = { HOME: world.directory, SYFT_CHECK_FOR_APP_UPDATE: 'false' };
  const { stdout } = await execute(world.tools.syft ?? 'syft', [...args, `dir:${root}`], { env });
  return JSON.parse(stdout) as object;
}

export interface SbomClaim {
  readonly written: WrittenLayout;
  readonly predicate: object;
  /** SPDX unless given. */
  readonly predicateType?: string;
  /** Of the signer; the world's own run unless given. */
  readonly claims?: Claims;
}

/** Signs a statement on each platform and hangs it there. */
export async function attestEach(world: World, { written, predicate, claims, ...rest }: SbomClaim): Promise<void> {
  const { predicateType = PREDICATE_TYPES.spdx } = rest;
  const repository = repositoryOf(world);
  for (const digest of Object.values(written.platforms)) {
    const bytes = await signAs(world, { subjects: [digest, written.digest], predicateType, predicate }, claims);
    await hang(repository, { on: digest, predicateType, bytes });
  }
}
