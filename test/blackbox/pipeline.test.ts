import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { REGISTRY_FAULTS } from '@plimsoll/testkit/faults/registry-faults';
import { meddlingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { leaksOf, secretForms } from '@plimsoll/testkit/runner/leaks';
import { type ActionRequest, type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { DEFAULT_IDENTITY, pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { serveLocally } from '@plimsoll/testkit/world/local-server';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COMMIT_TAG = `sha-${DEFAULT_IDENTITY.sha}`;
const NO_TOKEN = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };

let world: World;
let registry: FaultBoard;
let databases: PublishedDatabases;
let sbomGenerator: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore', 'ghcr', 'hub', 'buildkit'], tools: ['trivy', 'osv-scanner'] });
  registry = new FaultBoard(world.ghcr.front);
  [databases, sbomGenerator] = await Promise.all([
    world.databases.publish(SCAN_ADVISORIES),
    world.images.sbomGenerator(),
  ]);
});
afterAll(() => world.close());

interface Shipment extends Partial<ActionRequest> {
  readonly dockerfile?: string;
}

/** The root action on a push of the default commit, into a repository and a workspace of its own. */
function ship(name: string, { dockerfile, ...more }: Shipment = {}): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspaces', name);
  for (const [file, content] of Object.entries(alpineTree('1.2.5-r5'))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  writeFileSync(path.join(cwd, 'Dockerfile'), dockerfile ?? 'FROM scratch\nCOPY root /\nUSER 1000\n');
  const { issuer, signingConfig, trustedRoot } = world.sigstore;
  const inputs = {
    image: `${world.ghcr.host}/acme/${name}`,
    tags: 'main',
    'sbom-generator': sbomGenerator,
    'trivy-db': databases.trivyDb,
    'osv-db': databases.osvDb,
    'signing-config': signingConfig,
    'trusted-root': trustedRoot,
    'certificate-oidc-issuer': issuer,
    ...more.inputs,
  };
  return runAction({ action: 'pipeline', world, cwd, ...more, inputs });
}

function expectNoLeak(step: ActionRun): void {
  const { ghcr, github } = world;
  expect(leaksOf(step, [...secretForms(ghcr.username, ghcr.token), github.oidc.requestToken])).toEqual([]);
}

/** The step failed with this code, left no image behind and told no secret. */
function expectNothingShipped(step: ActionRun, name: string, code: string): void {
  expect(codeOf(step), step.log).toBe(code);
  expect(registry.manifests(`acme/${name}`)).toEqual([]);
  expect(registry.tagWrites(`acme/${name}`)).toEqual([]);
  expect(step.outputs['pushed'] ?? 'false').toBe('false');
  expect(step.outputs['tags'] ?? '').toBe('');
  expectNoLeak(step);
}

describe('a commit', () => {
  it('is built, scanned, published, signed and verified, and gets its tags last', async () => {
    const step = await ship('app');
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ pushed: 'true', outcome: 'pass', tags: `${COMMIT_TAG}\nmain` });
    expect(registry.tagWrites('acme/app')).toEqual([COMMIT_TAG, 'main']);
    expect(registry.manifests('acme/app').slice(-2)).toEqual([COMMIT_TAG, 'main']);
    expect(step.summary).toContain('git tag -s v0.1.0 ');
    expect(step.summary).toContain('/packages/container/app/settings)');
    expectNoLeak(step);
  });

  it('leaves a page for people who have no access to the run', async () => {
    const step = await ship('page', { inputs: { report: 'html' } });
    expect(codeOf(step), step.log).toBeUndefined();
    const html = readFileSync(step.outputs['report-html'] ?? '', 'utf8');
    expect(html).toContain('is published, signed, verified and tagged');
    expect(html).toContain(step.outputs['digest']);
    expect(html.match(/<svg class="diagram"/g)).toHaveLength(2);
    expect(html).not.toMatch(/<(?:script|link|img|iframe)\b/);
  });

  it('is published by digest only when it is not to be signed, and needs no token', async () => {
    const step = await ship('unsigned', { inputs: { sign: 'false' }, env: NO_TOKEN });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ pushed: 'true', tags: '', 'verify-command': '' });
    expect(registry.manifests('acme/unsigned')).toContain(step.outputs['digest']);
    expect(step.summary).toContain(`docker pull ${step.outputs['image'] ?? ''}`);
    expect(step.summary).toContain('| `main` | moving | – | pending |');
    // The tags that are due hang on it as an intent, which a registry without the referrers API finds by a tag of its own.
    expect(registry.tagWrites('acme/unsigned').filter((name) => !name.startsWith('sha256-'))).toEqual([]);
    expectNoLeak(step);
  });

  it('of a fork is built and scanned, and goes nowhere', async () => {
    const event = { ...pushEvent(), pull_request: { number: 7, head: { repo: repositoryPayload('stranger/app') } } };
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge', ...NO_TOKEN };
    const step = await ship('fork', { event, env });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ pushed: 'false', outcome: 'pass', tags: '' });
    expect(registry.requests('acme/fork')).toEqual([]);
    expectNoLeak(step);
  });
});

describe('nothing is shipped', () => {
  it('without the right to an identity token: not even built, and the hint names the line', async () => {
    const step = await ship('no-token', { env: NO_TOKEN });
    expectNothingShipped(step, 'no-token', 'oidc-unavailable');
    expect(step.shown).toContain('id-token: write');
    expect(step.shown).not.toContain('Build ');
    expect(registry.writes('acme/no-token')).toEqual([]);
  });

  it('when the scan does not pass', async () => {
    const step = await ship('no-database', { inputs: { 'trivy-db': `${world.hub.host}/nothing:1` } });
    expectNothingShipped(step, 'no-database', 'scan-incomplete');
    expect(registry.writes('acme/no-database')).toEqual([]);
  });

  it('when the layout does not hold what it names', async () => {
    const script = `for blob in "$dest"/blobs/sha256/*; do printf ' ' >> "$blob"; done`;
    const builder = meddlingBuilder(world.lifetime.folder('spoiling'), { buildx: world.tools.buildx ?? '', script });
    const step = await ship('spoiled', { env: { PLIMSOLL_TOOL_BUILDX: builder } });
    expectNothingShipped(step, 'spoiled', 'digest-mismatch');
    expect(registry.writes('acme/spoiled')).toEqual([]);
  });

  it.each(REGISTRY_FAULTS.filter(({ name }) => ['403', 'an HTML page with 200'].includes(name)))(
    'when the registry answers the upload with $name',
    async ({ name, fault, code }) => {
      const repository = `upload-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
      registry.set(`acme/${repository}`, ({ method }) => (method === 'POST' ? fault : undefined));
      expectNothingShipped(await ship(repository), repository, code);
    },
  );

  it('when it is cancelled during the build, within seven seconds', async () => {
    const cancel = new AbortController();
    let cancelledAt = 0;
    const { url } = await serveLocally(world.lifetime, () => {
      cancelledAt = performance.now();
      cancel.abort();
    });
    const dockerfile = `FROM scratch\nADD ${url}/never /never\n`;
    const step = await ship('cancelled', { dockerfile, signal: cancel.signal });
    expect(performance.now() - cancelledAt).toBeLessThan(7_000);
    expectNothingShipped(step, 'cancelled', 'cancelled');
    expect(registry.writes('acme/cancelled')).toEqual([]);
  });
});

describe('what was published', () => {
  it('gets no tag when the token endpoint fails, and nothing is signed', async () => {
    world.github.intercept = ({ path: asked }) =>
      asked.startsWith('/oidc/token') ? { status: 403, body: { message: 'no' } } : undefined;
    const step = await ship('no-oidc').finally(() => (world.github.intercept = undefined));
    expect(codeOf(step), step.log).toBe('oidc-failed');
    expect(registry.tagWrites('acme/no-oidc')).toEqual([]);
    expect(signed(step)).toEqual([]);
    expect(step.outputs).toMatchObject({ pushed: 'true', tags: '' });
    expect(step.outputs['digest'] ?? '').toBe('');
    expectNoLeak(step);
  });

  it('gets no moving tag when the commit tag is refused, and a second run takes it up', async () => {
    registry.set('acme/again', ({ method, path: asked }) =>
      method === 'PUT' && asked.endsWith(`/manifests/${COMMIT_TAG}`) ? { status: 403, body: {} } : undefined,
    );
    const step = await ship('again');
    expect(codeOf(step), step.log).toBe('registry-denied');
    expect(registry.tagWrites('acme/again')).toEqual([COMMIT_TAG]);
    registry.set('acme/again', undefined);
    const second = await ship('again');
    expect(codeOf(second), second.log).toBeUndefined();
    expect(second.outputs['tags']).toBe(`${COMMIT_TAG}\nmain`);
    expectNoLeak(step);
  });
});

/** The bundles that a step left. */
function signed({ temp, outputs }: ActionRun): readonly string[] {
  const digest = outputs['digest'] ?? '';
  const directory = path.join(temp, 'plimsoll-sign', digest.slice('sha256:'.length, 'sha256:'.length + 12));
  return digest !== '' && existsSync(directory) ? readdirSync(directory) : [];
}
