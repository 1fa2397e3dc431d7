import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { isDigest, type Digest } from '@plimsoll/core/oci/digest';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

const BOTH = 'linux/amd64,linux/arm64';

let world: World;
let databases: PublishedDatabases;
let sbomGenerator: string;
let second: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore', 'ghcr', 'hub', 'buildkit'], tools: ['trivy', 'osv-scanner'] });
  [databases, sbomGenerator, second] = await Promise.all([
    world.databases.publish(SCAN_ADVISORIES),
    world.images.sbomGenerator(),
    world.buildkit.another('second'),
  ]);
});
afterAll(() => world.close());

function run(action: string, name: string, inputs: Variables): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspaces', name);
  for (const [file, content] of Object.entries(alpineTree('1.2.5-r5'))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY root /\nUSER 1000\n');
  const image = `${world.ghcr.host}/acme/app`;
  const common = { image, platforms: BOTH, 'sbom-generator': sbomGenerator, 'attestation-style': 'referrers' };
  return runAction({ action, world, cwd, inputs: { ...common, ...inputs } });
}

function ended(step: ActionRun): ActionRun {
  expect(codeOf(step), step.log).toBeUndefined();
  return step;
}

async function digestOf(name: string, inputs: Variables = {}): Promise<Digest> {
  const { digest = '' } = ended(await run('build', name, inputs)).outputs;
  if (!isDigest(digest)) throw new Error(`"${digest}" is no digest`);
  return digest;
}

function connect(name = 'acme/app') {
  const { host, username } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: world.token }]);
  return new Registries({ credentials }).repository({ registry: host, repository: name }, 'pull');
}

describe('attestation-style: referrers', () => {
  it('gives the same digest in another place, at another time and on another builder', async () => {
    const first = await digestOf('here');
    expect(await digestOf('here', { 'no-cache': 'true' })).toBe(first);
    expect(await digestOf('there', { builder: '', 'builder-endpoint': second })).toBe(first);
    const inline = await digestOf('here', { 'attestation-style': 'inline' });
    expect(inline).not.toBe(first);
    expect(await digestOf('here', { 'attestation-style': 'inline', 'no-cache': 'true' })).not.toBe(inline);
  });

  it('hangs SBOM and provenance on each platform, and lists no platform that is none', async () => {
    const { outputs } = ended(await run('build', 'hung', { push: 'true' }));
    expect(outputs['statements']?.split('\n')).toHaveLength(4);
    const sboms = JSON.parse(outputs['sboms'] ?? '') as object;
    expect(Object.keys(sboms)).toEqual(BOTH.split(','));
    const repository = connect();
    const index = JSON.parse((await repository.manifest(outputs['digest'] ?? '')).bytes.toString()) as {
      manifests: readonly { platform: { os: string } }[];
    };
    expect(index.manifests.map(({ platform }) => platform.os)).toEqual(['linux', 'linux']);
    const platforms = Object.values(JSON.parse(outputs['platform-digests'] ?? '') as Record<string, Digest>);
    for (const platform of platforms) {
      const hung = await repository.referrers(platform);
      const types = hung.map(({ annotations }) => annotations?.['in-toto.io/predicate-type'] ?? '').toSorted();
      expect(types).toEqual(['https://slsa.dev/provenance/v1', 'https://spdx.dev/Document']);
    }
  });

  it('is signed and verified as the other style is, by a policy that wants both', async () => {
    const { issuer, signingConfig, trustedRoot } = world.sigstore;
    const trust = { 'signing-config': signingConfig, 'trusted-root': trustedRoot, 'certificate-oidc-issuer': issuer };
    const given = { 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb, ...trust };
    const step = ended(await run('pipeline', 'shipped', given));
    expect(step.outputs).toMatchObject({ outcome: 'pass', pushed: 'true' });
    expect(step.outputs['tags']).toContain('main');
  });

  it('hangs on each platform what the job for it built, and gives the digest that one job gives', async () => {
    const SHARD = { mode: 'shard', scan: 'false', image: `${world.ghcr.host}/acme/apart` };
    const shard = async (platforms: string, inputs: Variables = {}) =>
      digestOf('apart', { ...SHARD, platforms, ...inputs });
    const amd64 = await shard('linux/amd64');
    const arm64 = await shard('linux/arm64', { builder: '', 'builder-endpoint': second });
    const inputs = {
      mode: 'merge',
      'sbom-generator': '',
      image: `${world.ghcr.host}/acme/apart`,
      shards: `${arm64}
${amd64}`,
    };
    const { outputs, summary } = ended(await run('build', 'apart', inputs));
    expect(summary).toMatch(/\| Took \| merge .* s, publish .* s \|/);
    expect(outputs['digest']).toBe(await digestOf('apart', { image: `${world.ghcr.host}/acme/apart` }));
    expect(Object.keys(JSON.parse(outputs['sboms'] ?? '') as object)).toEqual(BOTH.split(','));
    const named = outputs['statements']?.split('\n');
    expect(named).toHaveLength(4);
    const platforms = Object.values(JSON.parse(outputs['platform-digests'] ?? '') as Record<string, Digest>);
    const hung = await Promise.all(platforms.map((platform) => connect('acme/apart').referrers(platform)));
    expect(hung.map((each) => each.length)).toEqual([2, 2]);
    expect(
      hung
        .flat()
        .map(({ digest }) => digest)
        .toSorted(),
    ).toEqual(named?.toSorted());
  });
});
