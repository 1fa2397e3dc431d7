import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { executeCopy } from '@plimsoll/core/oci/copy';
import { planCopy } from '@plimsoll/core/oci/copy-plan';
import { openLayout } from '@plimsoll/core/oci/layout';
import { parseRepositoryName } from '@plimsoll/core/oci/reference';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import type { WrittenLayout } from '@plimsoll/testkit/layout/image-layout';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { SCAN_ADVISORIES, ScanSubjects } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
let world: World;
let subjects: ScanSubjects;
let databases: PublishedDatabases;

beforeAll(async () => {
  world = await startWorld({ parts: ['hub', 'ghcr', 'sigstore'], tools: ['trivy', 'osv-scanner', 'cosign'] });
  subjects = new ScanSubjects(world.directory);
  databases = await world.databases.publish(SCAN_ADVISORIES);
});
afterAll(() => world.close());

interface ScanOptions {
  readonly inputs: Record<string, string>;
  readonly env?: Record<string, string>;
}

function scan({ inputs, env = {} }: ScanOptions): Promise<ActionRun> {
  const sources = { 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb, source: '' };
  return runAction({ action: 'scan', world, inputs: { ...sources, ...inputs }, env });
}

function codeOf({ annotations, exitCode, log }: ActionRun): string | undefined {
  const code = annotations.find(({ level }) => level === 'error')?.title?.replace('Plimsoll ', '');
  expect(exitCode, log).toBe(code === undefined ? 0 : 1);
  return code;
}

const name = () => `${world.ghcr.host}/acme/app`;

async function published(written: WrittenLayout) {
  const { host, username, token } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: token }]);
  const target = new Registries({ credentials }).repository(parseRepositoryName(name()), 'push');
  const source = await openLayout(written.directory);
  const plan = await planCopy({ source, target, root: source.root, referrers: false });
  await executeCopy(plan, { source, target });
  return target;
}

async function attested(written: WrittenLayout) {
  const target = await published(written);
  const { signingConfig, trustedRoot } = world.sigstore;
  const inputs = { attest: 'true', 'signing-config': signingConfig, 'trusted-root': trustedRoot };
  const run = await scan({ inputs: { image: name(), digest: written.digest, ...inputs } });
  return { target, run };
}

/** What a consumer types. */
async function verifyAttestation(reference: string, type: string): Promise<unknown> {
  const { host, username, token } = world.ghcr;
  const home = mkdtempSync(path.join(world.directory, 'consumer-'));
  const auth = Buffer.from(`${username}:${token}`).toString('base64');
  writeFileSync(path.join(home, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  const { issuer, trustedRoot } = world.sigstore;
  const identity = ['--certificate-oidc-issuer', issuer, '--certificate-identity', DEFAULT_SUBJECT];
  const args = ['verify-attestation', '--type', type, ...identity, '--trusted-root', trustedRoot, reference];
  const { stdout } = await execute(world.tools.cosign ?? '', args, { env: { HOME: home, DOCKER_CONFIG: home } });
  const [line = '{}'] = stdout.trim().split('\n');
  const { payload } = JSON.parse(line) as { payload: string };
  return (JSON.parse(Buffer.from(payload, 'base64').toString()) as { predicate: unknown }).predicate;
}

describe('evidence', () => {
  it('is signed and attached for an image that passes, and cosign accepts it', async () => {
    const written = await subjects.safeImage();
    const { run, target } = await attested(written);
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs).toMatchObject({ 'vuln-attestation-attached': 'true', 'trivy-image-scan-passed': 'true' });
    const digest = run.outputs['verdict'] ?? '';
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await target.manifest(digest)).bytes.toString()).toContain(written.digest);
    const platform = `${name()}@${written.platforms['arm64']}`;
    expect(await verifyAttestation(platform, 'vuln')).toHaveProperty(
      'scanner.db.uri',
      expect.stringContaining('@sha256:'),
    );
    expect(await verifyAttestation(platform, PREDICATE_TYPES.vulns)).toMatchObject({
      scanner: { version: '0.72.0', result: [], db: { lastUpdate: expect.stringContaining('T') } },
    });
    expect(await verifyAttestation(`${name()}@${written.digest}`, PREDICATE_TYPES.verdict)).toMatchObject({
      outcome: 'pass',
    });
  });

  it('is signed and attached for an image that fails as well', async () => {
    const written = await subjects.unsafeImage();
    const { run } = await attested(written);
    expect(codeOf(run)).toBe('scan-failed');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'fail' });
    expect(await verifyAttestation(`${name()}@${written.digest}`, PREDICATE_TYPES.verdict)).toMatchObject({
      outcome: 'fail',
    });
  });

  it('needs id-token: write, and says so before anything is scanned', async () => {
    const written = await subjects.safeImage();
    await published(written);
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
    const run = await scan({ inputs: { image: name(), digest: written.digest, attest: 'true' }, env });
    expect(codeOf(run)).toBe('oidc-unavailable');
    expect(run.log).toContain('id-token: write');
    expect(run.log).not.toContain('Scanning');
  });
});
