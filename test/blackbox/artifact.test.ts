import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { type ActionRequest, type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { DEFAULT_IDENTITY } from '@plimsoll/testkit/world/identity';
import { tarFile, tarOf } from '@plimsoll/testkit/world/image/tar';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const COMMIT_TAG = `sha-${DEFAULT_IDENTITY.sha}`;
const TYPE = 'application/vnd.acme.installer.v1';
const FILES = {
  'dist/install.sh': '#!/bin/sh\necho installed\n',
  'dist/meta.json': '{"name":"app"}\n',
  'rules/a.yaml': 'a: 1\n',
  'rules/sub/b.yaml': 'b: 2\n',
};
const KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n'.repeat(4)}-----END OPENSSH PRIVATE KEY-----\n`;
const LISTED = 'dist/install.sh:text/x-shellscript\ndist/meta.json:application/json\nrules\n';

let world: World;
let registry: FaultBoard;
let databases: PublishedDatabases;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore', 'ghcr', 'hub'], tools: ['trivy', 'osv-scanner', 'oras', 'cosign'] });
  registry = new FaultBoard(world.ghcr.front);
  databases = await world.databases.publish(SCAN_ADVISORIES);
});
afterAll(() => world.close());

interface Shipment extends Partial<ActionRequest> {
  readonly content?: Readonly<Record<string, string | Buffer>>;
}

function workspace(name: string, content: Shipment['content'] = FILES): string {
  const cwd = world.lifetime.folder('workspaces', name);
  for (const [file, text] of Object.entries(content)) {
    mkdirSync(path.join(cwd, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, file), text);
  }
  return cwd;
}

function ship(name: string, { content, ...more }: Shipment = {}): Promise<ActionRun> {
  const { issuer, signingConfig, trustedRoot } = world.sigstore;
  const inputs = {
    image: `${world.ghcr.host}/acme/${name}`,
    tags: 'main',
    files: LISTED,
    'artifact-type': TYPE,
    'trivy-db': databases.trivyDb,
    'osv-db': databases.osvDb,
    'signing-config': signingConfig,
    'trusted-root': trustedRoot,
    'certificate-oidc-issuer': issuer,
    ...more.inputs,
  };
  return runAction({ action: 'pipeline', world, cwd: workspace(name, content), ...more, inputs });
}

async function oras(...args: readonly string[]): Promise<string> {
  const { username, token } = world.ghcr;
  const login = ['--plain-http', '--username', username, '--password', token];
  const { stdout } = await execute(world.tools.oras ?? 'oras', [...args, ...login]);
  return stdout;
}

describe('files in place of an image', () => {
  let step: ActionRun;
  beforeAll(async () => {
    step = await ship('set');
  });

  it('are packed, scanned, published, signed, verified and tagged, and oras pulls the same bytes', async () => {
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ pushed: 'true', outcome: 'pass', tags: `${COMMIT_TAG}\nmain` });
    expect(registry.tagWrites('acme/set')).toEqual([COMMIT_TAG, 'main']);
    const image = step.outputs['image'] ?? '';
    const manifest = JSON.parse(await oras('manifest', 'fetch', image)) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      artifactType: TYPE,
      config: { mediaType: 'application/vnd.oci.empty.v1+json' },
      annotations: { 'org.opencontainers.image.revision': DEFAULT_IDENTITY.sha },
    });
    const output = world.lifetime.folder('pulled');
    await oras('pull', '--output', output, image);
    for (const [file, text] of Object.entries(FILES)) expect(readFileSync(path.join(output, file), 'utf8')).toBe(text);
    expect(step.summary).toContain('text/x-shellscript');
  });

  it('have the same digest elsewhere', async () => {
    const elsewhere = await ship('elsewhere', { inputs: { push: 'false' } });
    expect(elsewhere.outputs['digest'], elsewhere.log).toBe(step.outputs['digest']);
  });

  it('are taken over by a later run, which needs them no more', async () => {
    const later = await ship('set', { cwd: world.lifetime.folder('workspaces', 'empty') });
    expect(later.outputs, later.log).toMatchObject({ resumed: 'true', digest: step.outputs['digest'] });
  });
});

describe('nothing is shipped', () => {
  it('with a private key in a file, wherever it hides', async () => {
    const payload = gzipSync(await tarOf([tarFile('tests/examples/id.pem', KEY)]));
    const content = { ...FILES, 'dist/payload.tgz': payload };
    const step = await ship('key', {
      content,
      inputs: { files: `${LISTED}dist/payload.tgz:application/gzip`, source: 'rules' },
    });
    expect(codeOf(step), step.log).toBe('scan-failed');
    expect(registry.writes('acme/key')).toEqual([]);
    expect(step.log).toContain('dist/payload.tgz/tests/examples/id.pem');
  });

  it.each([
    ['a file that is not there', 'file-unreadable', { files: 'dist/gone' }],
    ['what is outside of the workspace', 'input-invalid', { files: '../other:text/plain' }],
    ['what a link leads out to', 'input-invalid', { files: 'out' }],
    ['a Dockerfile beside the files', 'input-conflict', { file: 'Dockerfile' }],
    ['files without a type', 'input-missing', { 'artifact-type': '' }],
  ])('of %s', async (name, code, inputs) => {
    const repository = `bad-${name.replaceAll(/[^a-z]+/g, '-')}`;
    const cwd = workspace(repository);
    symlinkSync('/etc/hostname', path.join(cwd, 'out'));
    const step = await ship(repository, { cwd, inputs });
    expect(codeOf(step), step.log).toBe(code);
    expect(registry.writes(`acme/${repository}`)).toEqual([]);
  });
});
