import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, '../../packages/cli/bin/plimsoll.mjs');

let world: World;
let databases: PublishedDatabases;
let sbomGenerator: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub', 'buildkit'], tools: ['trivy', 'osv-scanner'] });
  databases = await world.databases.publish(SCAN_ADVISORIES);
  sbomGenerator = await world.images.sbomGenerator();
});
afterAll(() => world.close());

interface Checked {
  readonly code: number;
  readonly answer: { readonly outputs: Record<string, string>; readonly errors: readonly { code: string }[] };
  readonly log: string;
}

/** Somebody before opening a pull request, in a clone whose image has this version of musl. */
function check(musl: string, ...more: readonly string[]): Promise<Checked> {
  const cwd = world.lifetime.folder('clones', musl);
  for (const [file, content] of Object.entries(alpineTree(musl))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY root /\nUSER 1000\n');
  const image = `${world.ghcr.host}/acme/app`;
  const databaseInputs = ['--trivy-db', databases.trivyDb, '--osv-db', databases.osvDb];
  const args = ['check', image, '--json', '--sbom-generator', sbomGenerator, ...databaseInputs, ...more];
  const env = { ...process.env, ...world.env, GITHUB_REPOSITORY: 'acme/app' };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd, env }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, answer: JSON.parse(stdout) as Checked['answer'], log: stderr });
    });
  });
}

describe('plimsoll check', () => {
  it('passes what a run would publish, and publishes nothing', async () => {
    const before = world.ghcr.front.requests.length;
    const { code, answer, log } = await check('1.2.5-r5');
    expect(code, log).toBe(0);
    expect(answer.outputs).toMatchObject({ outcome: 'pass', pushed: 'false', tags: '' });
    const writes = world.ghcr.front.requests.slice(before).filter(({ method }) => !['GET', 'HEAD'].includes(method));
    expect(writes).toEqual([]);
  });

  it('starts it too, and fails where it does not start', async () => {
    const { code, answer } = await check('1.2.5-r5', '--smoke-test=--version');
    expect([code, answer.outputs['outcome']]).toEqual([1, 'pass']);
    expect(answer.errors.map((error) => error.code)).toContain('smoke-not-started');
    expect(answer.outputs['smoke']).toContain('"outcome":"not-started"');
  });

  it('fails where the gate of a run would close', async () => {
    const { code, answer } = await check('1.2.5-r0');
    expect([code, answer.outputs['outcome']]).toEqual([1, 'fail']);
    expect(answer.errors.map((error) => error.code)).toContain('scan-failed');
  });
});
