import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { leaksOf } from '@plimsoll/testkit/runner/leaks';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { DEFAULT_IDENTITY } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const COMMIT_TAG = `sha-${DEFAULT_IDENTITY.sha}`;
const UNPROTECTED = { GITHUB_REF_PROTECTED: 'false' };

let world: World;
let registry: FaultBoard;
let databases: PublishedDatabases;
let sbomGenerator: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore', 'ghcr', 'hub', 'buildkit'], tools: ['trivy', 'osv-scanner'] });
  registry = new FaultBoard(world.ghcr.front);
  databases = await world.databases.publish(SCAN_ADVISORIES);
  sbomGenerator = await world.images.sbomGenerator();
});
afterAll(() => world.close());
beforeEach(() => {
  world.github.intercept = undefined;
});

const trust = () => ({
  'signing-config': world.sigstore.signingConfig,
  'trusted-root': world.sigstore.trustedRoot,
  'certificate-oidc-issuer': world.sigstore.issuer,
});

function ship(name: string, inputs: Record<string, string>, env: Record<string, string> = {}): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspaces', name);
  for (const [file, content] of Object.entries(alpineTree('1.2.5-r5'))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY root /\nUSER 1000\n');
  const own = {
    image: `${world.ghcr.host}/acme/${name}`,
    tags: 'main\nlatest',
    'sbom-generator': sbomGenerator,
    'trivy-db': databases.trivyDb,
    'osv-db': databases.osvDb,
    ...trust(),
  };
  return runAction({ action: 'pipeline', world, cwd, env, inputs: { ...own, ...inputs } });
}

/** What GitHub says of whoever asks about a member. */
function membership(status: number): void {
  world.github.intercept = ({ path: asked }) =>
    asked.startsWith('/orgs/acme/members/') ? { status, body: {} } : undefined;
}

describe('moving tags that another job is to write', () => {
  it('wait for it, and the immutable one does not', async () => {
    const shipped = await ship('handed', { 'move-tags': 'false' });
    expect(codeOf(shipped), shipped.log).toBeUndefined();
    expect(registry.tagWrites('acme/handed')).toEqual([COMMIT_TAG]);
    expect(shipped.outputs['tags']).toBe(COMMIT_TAG);
    expect(shipped.summary).toContain('| `main` | moving | – | pending |');

    const image = `${world.ghcr.host}/acme/handed`;
    const inputs = { image, digest: shipped.outputs['digest'] ?? '', 'move-tags': 'true', ...trust() };
    const signed = await runAction({ action: 'sign', world, inputs });
    expect(codeOf(signed), signed.log).toBeUndefined();
    expect(registry.tagWrites('acme/handed')).toEqual([COMMIT_TAG, 'main', 'latest']);
  });

  it('can be handed over again by a re-run that finds the image done', async () => {
    const again = await ship('handed', { 'move-tags': 'false' }, { GITHUB_RUN_ATTEMPT: '2' });
    expect(again.outputs['resumed'], again.log).toBe('true');
    expect(again.outputs['tags']).toBe(COMMIT_TAG);
    expect(again.summary).toContain('| `main` | moving | – | pending |');
    expect(again.summary).toContain(`docker pull ${again.outputs['image'] ?? ''}`);
    expect(Object.keys(JSON.parse(again.outputs['platform-digests'] ?? '{}') as object)).toEqual(['linux/amd64']);
  });
});

describe('a ref that no rule protects', () => {
  it('publishes nothing where that is refused, and is not even built', async () => {
    const step = await ship('refused', { 'unprotected-refs': 'refuse' }, UNPROTECTED);
    expect(codeOf(step), step.log).toBe('ref-unprotected');
    expect(registry.manifests('acme/refused')).toEqual([]);
    expect(step.log).not.toContain('✔ build');
  });

  it('publishes development images of a member: scanned, never signed, and named so', async () => {
    membership(204);
    const step = await ship('developed', { 'unprotected-refs': 'members' }, UNPROTECTED);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(registry.tagWrites('acme/developed')).toEqual([`dev-${COMMIT_TAG}`, 'dev-main']);
    expect(step.outputs).toMatchObject({ outcome: 'pass', 'verify-command': '' });
    expect(step.summary).toContain('published and tagged without a signature');
  });

  it.each([
    [404, 'ref-unprotected'],
    [302, 'membership-unknown'],
    [403, 'membership-unknown'],
  ])('publishes nothing when GitHub answers %i about the person', async (status, code) => {
    membership(status);
    const step = await ship(`stranger-${status}`, { 'unprotected-refs': 'members' }, UNPROTECTED);
    expect(codeOf(step), step.log).toBe(code);
    expect(registry.manifests(`acme/stranger-${status}`)).toEqual([]);
  });

  it('asks with the token that may see members', async () => {
    membership(204);
    const inputs = { 'unprotected-refs': 'members', 'org-check-token': 'ghp_reads_the_organisation' };
    const step = await ship('asked', inputs, UNPROTECTED);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(leaksOf(step, ['ghp_reads_the_organisation'])).toEqual([]);
  });
});
