import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { readActionFile } from '@plimsoll/testkit/runner/action-file';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, '../../packages/cli/bin/plimsoll.mjs');
const COMMANDS = ['build', 'scan', 'sign', 'verify', 'promote', 'prune'];

let bed: EvidenceWorld;
let built: AttestedImage;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  built = await pushAttestedImage(bed.repository, 'cli');
  const failed = codeOf(await bed.sign(built));
  if (failed !== undefined) throw new Error(failed);
});
afterAll(() => bed?.world.close());

interface Shown {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody with a login in docker's configuration, in a directory that is no repository. */
function plimsoll(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Shown> {
  const home = path.join(bed.world.directory, 'consumer');
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, DOCKER_CONFIG: home, ...more };
  const cwd = mkdtempSync(path.join(bed.world.directory, 'laptop-'));
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (text.stderr += String(chunk)));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? -1, ...text }));
  });
}

function policyFile(text: string): string {
  const file = path.join(mkdtempSync(path.join(bed.world.directory, 'policy-')), 'policy.yml');
  writeFileSync(file, text);
  return file;
}

const trusted = (identity = DEFAULT_SUBJECT) =>
  policyFile(
    `verify:\n  issuer: ${bed.world.sigstore.issuer}\n  identities: [${identity}]\n  source-repository: acme/app\n`,
  );

describe('plimsoll verify, outside Actions', () => {
  const verify = (policy: string, ...more: string[]) =>
    plimsoll([
      'verify',
      bed.at(built.digest),
      `--policy=${policy}`,
      '--source-repository=acme/app',
      '--trusted-root',
      bed.world.sigstore.trustedRoot,
      ...more,
    ]);

  it('accepts a signed image by a policy of this machine', async () => {
    const { code, stdout, stderr } = await verify(trusted());
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining(`digest: ${built.digest}`)]);
    expect(stdout).toContain('verified: true');
    expect(stdout + stderr).not.toMatch(/^::/m);
    expect(stdout + stderr).not.toContain('\u001b');
  });

  it('refuses one that the policy does not trust, and says the code', async () => {
    const { code, stderr } = await verify(
      trusted('https://github.com/acme/other/.github/workflows/x.yml@refs/heads/main'),
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('error verify-untrusted: ')]);
  });

  it('gives one JSON object to programs, and the log to people', async () => {
    const good = await verify(trusted(), '--json');
    const answer = JSON.parse(good.stdout) as { outputs: { report: string } };
    expect(answer).toMatchObject({ command: 'verify', ok: true, exitCode: 0, errors: [] });
    expect(JSON.parse(readFileSync(answer.outputs.report, 'utf8'))).toMatchObject({ digest: built.digest });
    const bad = await verify(policyFile('verify: { isuer: x }'), '--json');
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, exitCode: 1, errors: [{ code: 'policy-invalid' }] });
  });

  it('hands out the SBOM that was signed', async () => {
    const sbom = path.join(bed.world.directory, 'out.json');
    const { code, stdout, stderr } = await verify(trusted(), '--sbom', sbom, '--platform', 'linux/amd64');
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining(`sbom: ${sbom}`)]);
    expect(JSON.parse(readFileSync(sbom, 'utf8'))).toMatchObject({ spdxVersion: 'SPDX-2.3' });
  });

  it('takes an input from its default where nothing is given', async () => {
    const inputs = ['--certificate-oidc-issuer', bed.world.sigstore.issuer, '--source-repository', 'acme/app'];
    const root = ['--trusted-root', bed.world.sigstore.trustedRoot];
    const { code, stderr } = await plimsoll(['verify', bed.at(built.digest), ...inputs, ...root]);
    expect(code, stderr).toBe(0);
  });
});

describe('plimsoll policy identity', () => {
  const shared = 'acme/org-infra/.github/workflows/publish.yml@refs/tags/v2';

  it.each([
    ['the workflow that started', {}, 'the workflow that started'],
    ['the reusable workflow that was called', { job_workflow_ref: shared }, shared],
  ])('prints the policy that accepts what this job signs, as %s', async (_name, claims, said) => {
    const env = bed.world.sigstore.claims(claims);
    const { code, stdout, stderr } = await plimsoll(['policy', 'identity'], env);
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining(said)]);
    const signed = await pushAttestedImage(bed.repository, `identity ${said}`);
    expect(codeOf(await bed.sign(signed, { env }))).toBeUndefined();
    const root = ['--trusted-root', bed.world.sigstore.trustedRoot, '--source-repository=acme/app'];
    const good = await plimsoll(['verify', bed.at(signed.digest), '--policy', policyFile(stdout), ...root]);
    expect(good.code, good.stderr).toBe(0);
    const other = await plimsoll(['policy', 'identity'], bed.world.sigstore.claims({ ref: 'refs/pull/1/merge' }));
    const bad = await plimsoll(['verify', bed.at(signed.digest), '--policy', policyFile(other.stdout), ...root]);
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('error verify-untrusted')]);
  });

  it('says which line gives a job its identity', async () => {
    const { code, stderr } = await plimsoll(['policy', 'identity']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('id-token: write')]);
  });
});

describe('the command line', () => {
  it.each(COMMANDS)('lists every input of %s that action.yml has', async (command) => {
    const { code, stdout } = await plimsoll([command, '--help']);
    expect(code).toBe(0);
    for (const name of Object.keys(readActionFile(command).defaults)) expect(stdout).toContain(name);
  });

  it('names every command and every exit code', async () => {
    const { code, stdout } = await plimsoll([]);
    expect(code).toBe(0);
    for (const word of [...COMMANDS, 'Exit codes', '130']) expect(stdout).toContain(word);
  });

  it.each([
    [['verfy'], 'Did you mean "plimsoll verify"?'],
    [['verify', '--polcy', 'x'], 'Did you mean "--policy"?'],
    [['verify', '--policy'], '"--policy" needs a value'],
    [['promote', '--dest-password=hunter2'], 'PLIMSOLL_INPUT_DEST_PASSWORD'],
    [['verify', 'ghcr.io/acme/app:1'], '--source-repository owner/name'],
  ])('is refused with exit code 2 for %j', async (args, said) => {
    const { code, stderr } = await plimsoll(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(stderr).not.toContain('hunter2');
  });

  it('hands a secret from the environment to the action, and shows it nowhere', async () => {
    const args = [
      'promote',
      bed.at(built.digest),
      '--destination',
      `${bed.world.quay.host}/acme/cli`,
      '--tags',
      '1.0.0',
    ];
    const rules = ['--policy', trusted(), '--trusted-root', bed.world.sigstore.trustedRoot];
    const shown = await plimsoll([...args, ...rules, '--source-repository', 'acme/app', '--verbose'], {
      PLIMSOLL_INPUT_DEST_PASSWORD: bed.world.quay.password,
      NODE_EXTRA_CA_CERTS: bed.world.quay.caFile,
    });
    // A password without its user name is a mistake that only the action itself can see.
    expect([shown.code, shown.stderr]).toEqual([1, expect.stringContaining('error input-conflict: ')]);
    expect(shown.stdout + shown.stderr).not.toContain(bed.world.quay.password);
  });
});

describe('plimsoll promote', () => {
  const move = (...args: readonly string[]) =>
    plimsoll([
      'promote',
      ...args,
      '--channel',
      'cli-prod',
      '--policy',
      trusted(),
      '--trusted-root',
      bed.world.sigstore.trustedRoot,
      '--source-repository',
      'acme/app',
    ]);

  it('moves a channel, and takes it back', async () => {
    const next = await pushAttestedImage(bed.repository, 'cli-next');
    expect(codeOf(await bed.sign(next))).toBeUndefined();
    for (const { digest } of [built, next]) expect(await move(bed.at(digest))).toMatchObject({ code: 0 });
    expect(await move(bed.image, '--to', 'previous', '--reason', 'outage')).toMatchObject({ code: 0 });
    expect((await bed.connect().look('cli-prod'))?.digest).toBe(built.digest);
  });
});
