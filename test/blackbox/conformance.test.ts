import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { PackagesEmulator } from '@plimsoll/testkit/github/packages-emulator';
import { GHCR, type PackagesRegistryOptions, servePackages } from '@plimsoll/testkit/github/packages-registry';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { ensureTools } from '@plimsoll/testkit/toolbox/ensure-tools';
import { Lifetime } from '@plimsoll/testkit/world/lifetime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const WORKFLOWS = ['PULL', 'PUSH', 'CONTENT_DISCOVERY', 'CONTENT_MANAGEMENT'] as const;
/** Specs that are there twice: once for tags and manifests from the environment, once for those of the suite. */
const ALTERNATIVES = ['Get tag name from environment', 'Populate registry with test tags (no push)'];
/** What a registry may do instead of what it does: mounting on its own, and an upload that a mount could not save. */
const NOT_CLAIMED = [
  'Cross-mounting of nonexistent blob should yield session id',
  'Cross-mounting without from, and automatic content discovery enabled should return a 201',
];

interface Spec {
  readonly State: string;
  readonly LeafNodeType: string;
  readonly LeafNodeText: string;
}

let suite: string;
let folder: string;
const lifetime = new Lifetime();
beforeAll(async () => {
  suite = (await ensureTools(['conformance'])).conformance;
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-conformance-'));
}, 600_000);
afterAll(async () => {
  await lifetime.close();
  await rm(folder, { recursive: true });
});

/** Runs the specification's own suite; its specs by how they ended. */
async function specs(url: string, workflows: readonly string[] = WORKFLOWS): Promise<Map<string, readonly string[]>> {
  const report = path.join(folder, `${Math.random()}.json`);
  const env = {
    PATH: '/usr/bin:/bin',
    OCI_ROOT_URL: url,
    OCI_NAMESPACE: 'acme/app',
    OCI_CROSSMOUNT_NAMESPACE: 'acme/other',
    OCI_AUTOMATIC_CROSSMOUNT: '0',
    OCI_USERNAME: 'octocat',
    OCI_PASSWORD: 'pa55word',
    OCI_REPORT_DIR: 'none',
    ...Object.fromEntries(workflows.map((name) => [`OCI_TEST_${name}`, '1'])),
  };
  const run = promisify(execFile)(suite, [`-ginkgo.json-report=${report}`], { env, cwd: folder });
  // It exits with 1 when a spec fails; the report says which.
  await run.catch(() => undefined);
  const [{ SpecReports }] = JSON.parse(await readFile(report, 'utf8')) as [{ SpecReports: readonly Spec[] }];
  const its = SpecReports.filter((spec) => spec.LeafNodeType === 'It');
  const states = new Map<string, readonly string[]>();
  for (const { State, LeafNodeText } of its) states.set(State, [...(states.get(State) ?? []), LeafNodeText]);
  return states;
}

async function packages(options: Partial<PackagesRegistryOptions>): Promise<string> {
  const { host } = await servePackages(lifetime, new PackagesEmulator(), { token: 'pa55word', ...options });
  return `http://${host}`;
}

describe("the distribution specification's own suite", () => {
  it('passes in all four workflows against emulated packages', async () => {
    const states = await specs(await packages({ manners: {} }));
    expect([...states.keys()].toSorted()).toEqual(['passed', 'skipped']);
    expect(states.get('skipped')?.toSorted()).toEqual([...ALTERNATIVES, ...NOT_CLAIMED].toSorted());
    expect(states.get('passed')).toHaveLength(75);
  });

  it('passes in pull and push with the manners of ghcr.io', async () => {
    const states = await specs(await packages({ manners: GHCR }), ['PULL', 'PUSH']);
    expect(states.get('failed') ?? []).toEqual([]);
    expect(states.get('passed')?.length).toBeGreaterThan(40);
  });

  it.each(['none', 'basic', 'bearer'] as const)(
    'passes against a registry in memory with authorization %s',
    async (auth) => {
      await using registry = await startMemoryRegistry({ auth, username: 'octocat', password: 'pa55word' });
      const states = await specs(registry.url);
      expect(states.get('failed') ?? []).toEqual([]);
      expect(states.get('passed')).toHaveLength(75);
    },
  );

  it('fails against one that forgets a rule', async () => {
    await using registry = await startMemoryRegistry({
      onRequest: ({ kind, method }) => (kind === 'blob' && method === 'DELETE' ? { status: 200 } : undefined),
    });
    expect((await specs(registry.url)).get('failed')).toContain('DELETE request to blob URL should yield 202 response');
  });
});
