import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { Digest } from '@plimsoll/core/oci/digest';
import { parseRepositoryName } from '@plimsoll/core/oci/reference';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { signatureStatement } from '@plimsoll/core/sigstore/statement';
import type { VerifyReport } from '@plimsoll/core/stages/verify';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { hang, signAs } from '@plimsoll/testkit/evidence/forge';
import { verdictOf, writeVerdictFiles } from '@plimsoll/testkit/evidence/verdict-files';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { type Claims, DEFAULT_IDENTITY, DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const { signature, spdx, verdict: verdictType } = PREDICATE_TYPES;
const STRANGER = 'evil/app';
/** A stranger who names everything alike in a repository of their own. */
const STRANGER_CLAIMS: Claims = {
  repository: STRANGER,
  repository_owner: 'evil',
  workflow_ref: DEFAULT_IDENTITY.workflowRef.replace('acme/app', STRANGER),
  job_workflow_ref: DEFAULT_IDENTITY.workflowRef.replace('acme/app', STRANGER),
};
/** A stranger who calls a shared workflow of ours: the identity is ours, the source repository is not. */
const CALLER_CLAIMS: Claims = { repository: STRANGER, repository_owner: 'evil' };

let world: World;
let repository: Repository;
let image: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore', 'ghcr'], tools: ['cosign'] });
  image = `${world.ghcr.host}/acme/app`;
  repository = freshRepository();
  writeDockerConfig();
});
afterAll(() => world.close());
afterEach(() => {
  world.ghcr.front.intercept = undefined;
  world.github.setFile('acme/app', '.github/plimsoll.yml', '');
});

/** Without what an earlier one remembers. */
function freshRepository(): Repository {
  const { host, username, token } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: token }]);
  return new Registries({ credentials }).repository(parseRepositoryName(image), 'push');
}

function writeDockerConfig(): void {
  const { host, username, token } = world.ghcr;
  const auth = Buffer.from(`${username}:${token}`).toString('base64');
  mkdirSync(path.join(world.directory, 'consumer'), { recursive: true });
  writeFileSync(path.join(world.directory, 'consumer', 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
}

/** What a consumer types, as we print it. */
async function consumer(command: string): Promise<string> {
  const [program, ...args] = command.split(' ');
  const home = path.join(world.directory, 'consumer');
  const env = { HOME: home, DOCKER_CONFIG: home };
  expect(program).toBe('cosign');
  return (await execute(world.tools.cosign ?? '', args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
}

function trustFlags(): string {
  const { issuer, trustedRoot } = world.sigstore;
  return `--certificate-oidc-issuer ${issuer} --certificate-identity ${DEFAULT_SUBJECT} --trusted-root ${trustedRoot}`;
}

interface SignOptions {
  readonly inputs?: Record<string, string>;
  readonly env?: Record<string, string>;
}

function sign(built: AttestedImage, { inputs = {}, env = {} }: SignOptions = {}): Promise<ActionRun> {
  const verdict = writeVerdictFiles(path.join(world.directory, 'scan', built.digest.slice(7, 19)), built);
  const { signingConfig, trustedRoot } = world.sigstore;
  const all = { image, digest: built.digest, verdict, 'signing-config': signingConfig, 'trusted-root': trustedRoot };
  return runAction({ action: 'sign', world, inputs: { ...all, ...inputs }, env });
}

function verify(reference: string, inputs: Record<string, string> = {}): Promise<ActionRun> {
  const { issuer, trustedRoot } = world.sigstore;
  const all = { image: reference, 'certificate-oidc-issuer': issuer, 'trusted-root': trustedRoot };
  return runAction({ action: 'verify', world, inputs: { ...all, ...inputs } });
}

const at = (digest: Digest) => `${image}@${digest}`;

function codeOf({ annotations, exitCode, log }: ActionRun): string | undefined {
  const code = annotations.find(({ level }) => level === 'error')?.title?.replace('Plimsoll ', '');
  if (exitCode !== (code === undefined ? 0 : 1)) throw new Error(`exit code ${exitCode}:\n${log}`);
  return code;
}

function reportOf({ outputs }: ActionRun): VerifyReport {
  return JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')) as VerifyReport;
}

/** Hangs a genuine bundle of this statement on an image. */
async function attest(
  on: Digest,
  statement: { predicateType: string; subjects: Digest[]; predicate?: unknown },
  claims: Claims = {},
): Promise<void> {
  const bytes = await signAs(world, { predicate: {}, ...statement }, claims);
  await hang(repository, { on, predicateType: statement.predicateType, bytes });
}

/** One signed image for everything that only looks at it. */
describe('a signed image', () => {
  let built: AttestedImage;
  let signed: ActionRun;

  beforeAll(async () => {
    built = await pushAttestedImage(repository, 'signed');
    signed = await sign(built);
  });

  it('has a signature on the index and on every platform', () => {
    expect(codeOf(signed)).toBeUndefined();
    const { outputs } = signed;
    expect(outputs['signed-digests']?.split('\n')).toEqual([
      built.digest,
      ...built.platforms.map(({ digest }) => digest),
    ]);
    expect(outputs['identity']).toBe(DEFAULT_SUBJECT);
    expect(outputs['verify-command']).toBe(`cosign verify ${trustFlags()} ${at(built.digest)}`);
    expect(readdirSync(outputs['bundles'] ?? '')).toHaveLength(10);
    expect(signed.summary).toContain(outputs['verify-command']);
  });

  it('is verified, with every bundle in the report', async () => {
    const run = await verify(at(built.digest));
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs).toMatchObject({ verified: 'true', digest: built.digest });
    const report = reportOf(run);
    expect(report).toMatchObject({ outcome: 'verified', verified: true, digest: built.digest });
    expect(report.requirements.every(({ met }) => met)).toBe(true);
    expect(report.bundles.filter(({ accepted }) => accepted)).toHaveLength(18);
    expect(run.summary).toContain('✅ Verified');
    expect(run.summary).toContain('https://github.com/acme/app');
  });

  it('is verified by tag and by the digest of a platform', async () => {
    await repository.putManifest(await repository.manifest(built.digest), 'v1.0.0');
    const byTag = await verify(`${image}:v1.0.0`);
    expect(codeOf(byTag)).toBeUndefined();
    expect(byTag.outputs['digest']).toBe(built.digest);
    expect(codeOf(await verify(at(built.platforms[0]?.digest ?? built.digest)))).toBeUndefined();
  });

  it('is accepted by cosign, signature and attestations, by index and by platform', async () => {
    for (const digest of [built.digest, ...built.platforms.map((each) => each.digest)]) {
      expect(await consumer(`cosign verify ${trustFlags()} ${at(digest)}`)).toContain(digest);
      for (const type of ['spdx', 'slsaprovenance1', 'vuln', verdictType]) {
        await consumer(`cosign verify-attestation --type ${type} ${trustFlags()} ${at(digest)}`);
      }
    }
  });

  it('is not signed again: what is there is kept and reported', async () => {
    const before = await freshRepository().referrers(built.digest);
    const again = await sign(built);
    expect(codeOf(again)).toBeUndefined();
    expect(again.outputs['bundles']).toBe('');
    expect(again.outputs['signed-digests']).toBe(signed.outputs['signed-digests']);
    expect(again.shown).toContain('0 signed, 10 there already');
    expect(await freshRepository().referrers(built.digest)).toEqual(before);
  });

  it('needs no verdict file where a signed verdict is on it already', async () => {
    expect(codeOf(await sign(built, { inputs: { verdict: '' } }))).toBeUndefined();
  });

  it.each([
    ['source-repository', STRANGER],
    ['certificate-identity', DEFAULT_SUBJECT.replace('main', 'other')],
    ['certificate-oidc-issuer', 'https://issuer.example'],
  ])('is not trusted under another %s', async (name, value) => {
    const run = await verify(at(built.digest), { [name]: value });
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(run.outputs['verified']).toBe('false');
    expect(reportOf(run).outcome).toBe('untrusted');
  });

  it.each(['.*', 'https://github.com/acme/.*', '^https://github.com/acme/app/'])(
    'is not judged by the unanchored identity %s',
    async (identity) => {
      expect(codeOf(await verify(at(built.digest), { 'certificate-identity': identity }))).toBe('input-invalid');
      world.github.setFile('acme/app', '.github/plimsoll.yml', `verify:\n  identities: ['${identity}']\n`);
      expect(codeOf(await verify(at(built.digest)))).toBe('policy-invalid');
    },
  );

  it('keeps its verdict beside bundles of strangers and rubbish, which are reported', async () => {
    const other = await pushAttestedImage(repository, 'company');
    expect(codeOf(await sign(other))).toBeUndefined();
    await attest(other.digest, signatureStatement(other.digest), STRANGER_CLAIMS);
    await hang(repository, { on: other.digest, predicateType: spdx, bytes: Buffer.from('{}') });
    const run = await verify(at(other.digest));
    expect(codeOf(run)).toBeUndefined();
    const refused = reportOf(run).bundles.flatMap(({ accepted, refusal }) => (accepted ? [] : [refusal]));
    expect(new Set(refused)).toEqual(new Set(['identity', 'malformed']));
    expect(refused).toHaveLength(2);
  });

  it('fails as soon as a newer scan failed', async () => {
    const failed = verdictOf(built, { outcome: 'fail', reasons: ['1 finding blocks: 1 critical'], blocking: 1 });
    const subjects = [built.digest];
    await attest(built.digest, { predicateType: verdictType, subjects, predicate: failed });
    const run = await verify(at(built.digest));
    expect(codeOf(run)).toBe('verify-policy');
    expect(reportOf(run).failure?.message).toContain('is fail');
    expect(codeOf(await sign(built, { inputs: { verdict: '' } }))).toBe('verdict-not-pass');
  });
});

describe('an image is not taken for signed', () => {
  it('when nothing hangs on it', async () => {
    const { digest } = await pushAttestedImage(repository, 'bare');
    expect(codeOf(await verify(at(digest)))).toBe('verify-unsigned');
  });

  it('when it carries only an attestation, though cosign verify accepts that', async () => {
    const { digest } = await pushAttestedImage(repository, 'attested');
    await attest(digest, { predicateType: spdx, subjects: [digest] });
    expect(codeOf(await verify(at(digest)))).toBe('verify-unsigned');
    await consumer(`cosign verify ${trustFlags()} ${at(digest)}`);
  });

  it('when only its platforms are signed', async () => {
    const { digest, platforms } = await pushAttestedImage(repository, 'children');
    for (const child of platforms) await attest(child.digest, signatureStatement(child.digest));
    expect(codeOf(await verify(at(digest)))).toBe('verify-unsigned');
  });

  it.each([
    ['a workflow of the same name in another repository', STRANGER_CLAIMS],
    ['another repository through a workflow of ours', CALLER_CLAIMS],
  ])('when it is signed by %s', async (name, claims) => {
    const { digest } = await pushAttestedImage(repository, name);
    await attest(digest, signatureStatement(digest), claims);
    expect(codeOf(await verify(at(digest)))).toBe('verify-untrusted');
    const bound = '--certificate-github-workflow-repository acme/app';
    await expect(consumer(`cosign verify ${trustFlags()} ${bound} ${at(digest)}`)).rejects.toThrow();
  });

  it('when the signature of another image is hung on it', async () => {
    const [good, bad] = [await pushAttestedImage(repository, 'good'), await pushAttestedImage(repository, 'bad')];
    const bytes = await signAs(world, signatureStatement(good.digest));
    await hang(repository, { on: bad.digest, predicateType: signature, bytes });
    const run = await verify(at(bad.digest));
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(reportOf(run).bundles[0]).toMatchObject({ accepted: false, refusal: 'subject' });
    await expect(consumer(`cosign verify ${trustFlags()} ${at(bad.digest)}`)).rejects.toThrow();
  });

  it('when its signature was tampered with', async () => {
    const { digest } = await pushAttestedImage(repository, 'tampered');
    const bundle = JSON.parse((await signAs(world, signatureStatement(digest))).toString()) as Tampered;
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
    bundle.dsseEnvelope.payload = Buffer.from(payload.replace('{}', '{"a":1}')).toString('base64');
    await hang(repository, { on: digest, predicateType: signature, bytes: Buffer.from(JSON.stringify(bundle)) });
    const run = await verify(at(digest));
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(reportOf(run).bundles[0]).toMatchObject({ accepted: false, refusal: 'signature' });
    await expect(consumer(`cosign verify ${trustFlags()} ${at(digest)}`)).rejects.toThrow();
  });

  it('when it is signed but its evidence is missing', async () => {
    const { digest } = await pushAttestedImage(repository, 'poor');
    await attest(digest, signatureStatement(digest));
    expect(codeOf(await verify(at(digest)))).toBe('verify-policy');
    world.github.setFile('acme/app', '.github/plimsoll.yml', 'verify:\n  required: [signature]\n');
    expect(codeOf(await verify(at(digest)))).toBeUndefined();
  });
});

interface Tampered {
  readonly dsseEnvelope: { payload: string };
}

describe('what cannot be read', () => {
  let built: AttestedImage;

  beforeAll(async () => {
    built = await pushAttestedImage(repository, 'unreadable');
  });

  it.each([
    ['forbidden', /\/referrers\/|\/manifests\/sha256-/, 403],
    ['broken', /\/manifests\/sha256-/, 500],
  ])('is unreachable and never unsigned when it is %s', async (_name, route, status) => {
    world.ghcr.front.intercept = ({ path: asked }) =>
      route.test(asked) ? { status, body: { errors: [{ code: 'UNKNOWN' }] } } : undefined;
    expect(codeOf(await verify(at(built.digest)))).toBe('verify-unreachable');
  });

  it('is not found when it does not exist', async () => {
    expect(codeOf(await verify(`${image}@sha256:${'0'.repeat(64)}`))).toBe('verify-not-found');
    expect(codeOf(await verify(`${image}:no-such-tag`))).toBe('verify-not-found');
  });

  it.each(['{}', 'not json'])('is not judged by the trusted root %s', async (content) => {
    const file = path.join(world.directory, 'no-root.json');
    writeFileSync(file, content);
    expect(codeOf(await verify(at(built.digest), { 'trusted-root': file }))).toBe('trust-root');
  });
});

describe('nothing is signed', () => {
  let built: AttestedImage;

  beforeAll(async () => {
    built = await pushAttestedImage(repository, 'refused');
  });

  const untouched = async (run: ActionRun) => {
    expect(existsSync(path.join(run.temp, 'plimsoll-sign', built.digest.slice(7, 19)))).toBe(false);
    expect(await freshRepository().referrers(built.digest)).toEqual([]);
  };

  it('without the right to an identity token, and the hint names the line', async () => {
    const run = await sign(built, { env: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' } });
    expect(codeOf(run)).toBe('oidc-unavailable');
    expect(run.shown).toContain('id-token: write');
    await untouched(run);
  });

  it('without a verdict', async () => {
    const run = await sign(built, { inputs: { verdict: '' } });
    expect(codeOf(run)).toBe('verdict-missing');
    await untouched(run);
  });

  it.each<[string, Parameters<typeof verdictOf>[1], string]>([
    ['about another image', { subject: { digest: `sha256:${'a'.repeat(64)}`, platforms: [] } }, 'verdict-mismatch'],
    ['that leaves a platform out', undefined, 'verdict-mismatch'],
    ['that is fail', { outcome: 'fail', reasons: ['1 finding blocks'] }, 'verdict-not-pass'],
    ['that is incomplete', { outcome: 'incomplete', reasons: ['no database'] }, 'verdict-not-pass'],
  ])('on a verdict %s', async (name, changed, code) => {
    const partial = { subject: { digest: built.digest, platforms: built.platforms.slice(0, 1) } };
    const directory = path.join(world.directory, 'refused', name.replaceAll(' ', '-'));
    const verdict = writeVerdictFiles(directory, built, changed ?? partial);
    const run = await sign(built, { inputs: { verdict } });
    expect(codeOf(run)).toBe(code);
    await untouched(run);
  });

  it('when the registry takes no push', async () => {
    world.ghcr.front.intercept = ({ method }) =>
      method === 'POST' ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined;
    const run = await sign(built);
    expect(codeOf(run)).toBe('registry-denied');
    await untouched(run);
  });

  it('when the digest does not exist', async () => {
    const run = await sign(built, { inputs: { digest: `sha256:${'0'.repeat(64)}` } });
    expect(codeOf(run)).toBe('registry-not-found');
  });

  it('on a dry run, which shows the plan', async () => {
    const run = await sign(built, { inputs: { 'dry-run': 'true' } });
    expect(codeOf(run)).toBeUndefined();
    expect(run.shown).toContain('plan: 10 to sign');
    expect(run.summary).toContain('would be signed');
    await untouched(run);
  });
});
