import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { replayingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, it } from 'vitest';

let world: World;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
});
afterAll(() => world.close());

/** The build action, on a builder that gives an image with a file of this many bytes. */
async function build(name: string, bytes: number, policy = ''): Promise<ActionRun> {
  const { lifetime, ghcr } = world;
  const noise = Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 7919 + bytes) % 251));
  const image = { architecture: 'amd64', layers: [{ 'app/noise': noise }] };
  const layout = await writeImageLayout(lifetime.folder(`made-${name}-${bytes}`), [image]);
  const buildx = replayingBuilder(lifetime.folder(`builder-${name}-${bytes}`), layout);
  const cwd = lifetime.folder('workspaces', name);
  mkdirSync(path.join(cwd, '.github'), { recursive: true });
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\n');
  const file = path.join(cwd, '.github', 'plimsoll.yml');
  writeFileSync(file, policy);
  const env = {
    PLIMSOLL_TOOL_BUILDX: buildx,
    ...(policy === '' ? {} : { PLIMSOLL_POLICY_FILE: file, GITHUB_ACTIONS: '' }),
  };
  return runAction({ action: 'build', world, cwd, inputs: { image: `${ghcr.host}/acme/${name}`, push: 'true' }, env });
}

it('the change of size against what the moving tag points to is in the summary', async () => {
  const first = await build('grown', 40_000);
  expect(codeOf(first), first.log).toBeUndefined();
  expect(first.summary).not.toContain('Change');
  const { host, username } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: world.token }]);
  const repository = new Registries({ credentials }).repository({ registry: host, repository: 'acme/grown' }, 'push');
  await repository.putManifest(await repository.manifest(first.outputs['digest'] ?? ''), 'main');
  const second = await build('grown', 80_000);
  expect(codeOf(second), second.log).toBeUndefined();
  expect(second.summary).toContain('Change');
  expect(second.summary).toMatch(/\+\d+(?:\.\d)? k?B \(\+\d+ %\)/);
});

it('a limit fails the build, or only tells of it, as the policy says', async () => {
  const over = await build('limited', 20_000, 'limits: { image-size: 1KB }\n');
  expect(codeOf(over), over.log).toBe('limit-exceeded');
  expect(over.outputs['digest'] ?? '').toBe('');
  const told = await build('told', 20_000, 'limits: { image-size: 1KB, over: warn }\n');
  expect(codeOf(told), told.log).toBeUndefined();
  expect(told.annotations.filter(({ level }) => level === 'warning')).toHaveLength(1);
  expect(told.outputs['pushed']).toBe('true');
});
