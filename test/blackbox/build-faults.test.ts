import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { RepositoryName } from '@plimsoll/core/oci/reference';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { forbiddenBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

let world: World;
let registry: FaultBoard;
let sbomGenerator: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub', 'buildkit'] });
  registry = new FaultBoard(world.ghcr.front);
  sbomGenerator = await world.images.sbomGenerator();
});
afterAll(() => world.close());

interface Asked {
  readonly dockerfile?: string;
  readonly inputs?: Variables;
  readonly env?: Variables;
}

function build(name: string, { dockerfile = 'FROM scratch\nCOPY hello /\n', inputs = {}, env = {} }: Asked) {
  const cwd = world.lifetime.folder('workspaces', name);
  writeFileSync(path.join(cwd, 'Dockerfile'), dockerfile);
  writeFileSync(path.join(cwd, 'hello'), 'hello\n');
  const given = { image: `${world.ghcr.host}/acme/${name}`, 'sbom-generator': sbomGenerator, ...inputs };
  return runAction({ action: 'build', world, cwd, inputs: given, env });
}

/** Somebody else's workflow writes a tag. */
async function tag(name: RepositoryName, digest: string, reference: string): Promise<void> {
  const { host, username } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: world.token }]);
  const repository = new Registries({ credentials }).repository(name, 'push');
  await repository.putManifest(await repository.manifest(digest), reference);
}

const messages = ({ annotations }: ActionRun, wanted: string) =>
  annotations.filter(({ level }) => level === wanted).map(({ message, line }) => `${line}: ${message}`);

describe('a cache', () => {
  it('that cannot be read or written makes no difference to the image', async () => {
    const nowhere = 'type=registry,ref=127.0.0.1:1/acme/cache';
    const inputs = { 'cache-from': nowhere, 'cache-to': `${nowhere},mode=max` };
    const step = await build('uncached', { inputs });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(existsSync(path.join(step.outputs['layout'] ?? '', 'index.json'))).toBe(true);
  });
});

describe('a base image', () => {
  it('that is named by its tag is told with the digest to pin, at its line, and then no more', async () => {
    const { host } = world.hub;
    const source = await build('source', { inputs: { push: 'true', image: `${host}/acme/source` } });
    const { digest = '', image = '' } = source.outputs;
    await tag({ registry: host, repository: 'acme/source' }, digest, '1');
    const tagged = `${host}/acme/source:1`;
    const step = await build('tagged', { dockerfile: `# a comment\nFROM ${tagged}\nCOPY hello /again\n` });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(messages(step, 'notice')).toEqual([expect.stringMatching(/^2: /)]);
    expect(messages(step, 'notice')[0]).toContain(`FROM ${tagged}@${digest}`);
    const pinned = await build('pinned', { dockerfile: `FROM ${image}\nCOPY hello /again\n` });
    expect(codeOf(pinned), pinned.log).toBeUndefined();
    expect(messages(pinned, 'notice')).toEqual([]);
  });

  it('that its registry gives no more of is a rate limit, which names the registry', async () => {
    const limited = JSON.stringify({
      errors: [{ code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit' }],
    });
    registry.set('acme/limited', () => ({
      status: 429,
      body: limited,
      headers: { 'content-type': 'application/json' },
    }));
    const step = await build('hungry', { dockerfile: `FROM ${world.ghcr.host}/acme/limited:1\nCOPY hello /\n` });
    expect(codeOf(step), step.log).toBe('registry-rate-limited');
    expect(messages(step, 'error')[0]).toContain(`${world.ghcr.host} refused`);
    // Only Docker Hub has mirrors.
    expect(step.shown).not.toContain('mirror.gcr.io');
    expect(messages(step, 'error')[0]).toMatch(/^1: /);
  });
});

describe('a platform', () => {
  it('that nobody has is refused before anything is asked', async () => {
    const step = await build('exotic', { inputs: { platforms: 'linux/amd46', push: 'true' } });
    expect(codeOf(step)).toBe('input-invalid');
    expect(step.shown).toContain('amd64');
    expect(registry.requests('acme/exotic')).toEqual([]);
  });
});

describe('a version', () => {
  it('that another image has is not built for this commit', async () => {
    const other = await build('released', { inputs: { push: 'true' } });
    await tag({ registry: world.ghcr.host, repository: 'acme/released' }, other.outputs['digest'] ?? '', '1.2.3');
    const never = forbiddenBuilder(world.lifetime.folder('never'));
    const env = { GITHUB_REF: 'refs/tags/v1.2.3', PLIMSOLL_TOOL_BUILDX: never.file };
    const step = await build('released', { inputs: { push: 'true' }, env });
    expect(codeOf(step), step.log).toBe('tag-taken');
    expect(existsSync(never.marker)).toBe(false);
  });
});

describe('a disk that is full', () => {
  it('gets back what the unfinished layout took', async () => {
    const file = path.join(world.lifetime.folder('filling'), 'buildx');
    const script = `#!/bin/sh
[ "$1" = version ] && { echo "github.com/docker/buildx v0.37.0 0"; exit 0; }
while [ $# -gt 0 ]; do case "$1" in --output) out=$2;; esac; shift; done
dest=\${out#*dest=}; dest=\${dest%%,*}; mkdir -p "$dest/blobs"; head -c 3000000 /dev/zero > "$dest/blobs/half"
echo 'ERROR: failed to build: failed to solve: write /x: no space left on device' >&2; exit 1
`;
    writeFileSync(file, script, { mode: 0o755 });
    const step = await build('filled', { env: { PLIMSOLL_TOOL_BUILDX: file } });
    expect(codeOf(step)).toBe('disk-full');
    expect(step.shown).toMatch(/freed (?:3\.0|2\.9) M/);
    const left = readdirSync(step.temp).filter((name) => name.startsWith('plimsoll-build-'));
    expect(left.some((name) => existsSync(path.join(step.temp, name, 'layout', 'blobs', 'half')))).toBe(false);
  });
});
