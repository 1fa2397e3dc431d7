import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { signatureStatement } from '@plimsoll/core/sigstore/statement';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { forbiddenBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { leaksOf, secretForms } from '@plimsoll/testkit/runner/leaks';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { type Claims, DEFAULT_IDENTITY, pushEvent } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = 'acme/app';
const OLD_COMMIT = '0123456789abcdef0123456789abcdef01234567';
/** Another repository with everything named alike, and another repository that calls a workflow of ours. */
const STRANGER: Claims = {
  repository: 'evil/app',
  repository_owner: 'evil',
  job_workflow_ref: DEFAULT_IDENTITY.workflowRef.replace('acme/app', 'evil/app'),
};
const CALLER: Claims = { repository: 'evil/app', repository_owner: 'evil' };

type Variables = Readonly<Record<string, string>>;

let bed: EvidenceWorld;
let registry: FaultBoard;
let builder: ReturnType<typeof forbiddenBuilder>;
let workspace: string;
/** Built and signed by a run of ours for an older commit. */
let older: AttestedImage;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  registry = new FaultBoard(bed.world.ghcr.front);
  builder = forbiddenBuilder(bed.world.lifetime.folder('builder'));
  workspace = bed.world.lifetime.folder('workspace');
  writeFileSync(path.join(workspace, 'Dockerfile'), 'FROM scratch\n');
  older = await pushAttestedImage(bed.repository, 'older');
  const env = { GITHUB_SHA: OLD_COMMIT, ...bed.world.sigstore.claims({ sha: OLD_COMMIT }) };
  if (codeOf(await bed.sign(older, { env })) !== undefined) throw new Error('the older image could not be signed');
});
afterAll(() => bed.world.close());

/** Every commit is its own, so that one test's tag is none of another's. */
function commitOf(name: string): string {
  return Buffer.from(name.padEnd(20, '.')).toString('hex').slice(0, 40);
}

/** The root action for a push of this commit. The builder tells when it is started. */
function ship(sha: string, more: Variables = {}, env: Variables = {}): Promise<ActionRun> {
  const { issuer, signingConfig, trustedRoot } = bed.world.sigstore;
  const trust = { 'signing-config': signingConfig, 'trusted-root': trustedRoot, 'certificate-oidc-issuer': issuer };
  return runAction({
    action: 'pipeline',
    world: bed.world,
    cwd: workspace,
    event: pushEvent({ sha }),
    inputs: { image: bed.image, ...trust, ...more },
    env: { GITHUB_SHA: sha, PLIMSOLL_TOOL_BUILDX: builder.file, ...bed.world.sigstore.claims({ sha }), ...env },
  });
}

/** Somebody who may push writes the tag under which a run looks for its own image. */
async function plant(sha: string, digest: AttestedImage['digest']): Promise<void> {
  await bed.repository.putManifest(await bed.repository.manifest(digest), `sha-${sha}`);
}

/** The step refused with this code: it built nothing, wrote nothing, and told no secret. */
async function expectRefused(sha: string, code: string, more: Variables = {}): Promise<void> {
  const before = registry.writes(REPOSITORY).length;
  const step = await ship(sha, more);
  expect(codeOf(step), step.log).toBe(code);
  expect(existsSync(builder.marker)).toBe(false);
  expect(registry.writes(REPOSITORY).slice(before)).toEqual([]);
  // What an earlier run published stays there, whatever becomes of this one.
  const isThere = String(sha === OLD_COMMIT);
  expect(step.outputs).toMatchObject({ pushed: isThere, resumed: isThere, tags: '' });
  expect(step.outputs['digest'] ?? '').toBe('');
  const { ghcr, github } = bed.world;
  expect(leaksOf(step, [...secretForms(ghcr.username, ghcr.token), github.oidc.requestToken])).toEqual([]);
}

describe('a commit tag that somebody else wrote', () => {
  it('is refused when its image is not signed', async () => {
    const sha = commitOf('unsigned');
    await plant(sha, (await pushAttestedImage(bed.repository, 'planted')).digest);
    await expectRefused(sha, 'verify-unsigned');
  });

  it('is refused when its image was signed for another commit', async () => {
    const sha = commitOf('replayed');
    await plant(sha, older.digest);
    expect(codeOf(await bed.verify(bed.at(older.digest)))).toBeUndefined();
    await expectRefused(sha, 'verify-untrusted');
  });

  it.each([
    ['another repository', STRANGER],
    ['another repository through a workflow of ours', CALLER],
  ])('is refused when its image was signed by %s', async (name, claims) => {
    const sha = commitOf(name.slice(-19));
    const { digest } = await pushAttestedImage(bed.repository, name);
    await bed.attest(digest, signatureStatement(digest), { ...claims, sha });
    await plant(sha, digest);
    await expectRefused(sha, 'verify-untrusted');
  });

  it('is refused when its image is signed for this commit and lacks its evidence', async () => {
    const sha = commitOf('poor');
    const { digest } = await pushAttestedImage(bed.repository, 'poor');
    await bed.attest(digest, signatureStatement(digest), { sha });
    await plant(sha, digest);
    await expectRefused(sha, 'verify-policy');
  });

  it('is refused also when nothing is to be signed', async () => {
    const sha = commitOf('no signing');
    await plant(sha, older.digest);
    await expectRefused(sha, 'verify-untrusted', { sign: 'false' });
  });

  it('is refused when its evidence cannot be read', async () => {
    const sha = commitOf('unreadable');
    await plant(sha, older.digest);
    registry.set(REPOSITORY, ({ path: asked }) =>
      asked.includes('/manifests/sha256-') ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined,
    );
    await expectRefused(sha, 'verify-unreachable').finally(() => registry.set(REPOSITORY, undefined));
  });
});

describe('a commit whose image is there', () => {
  it('is taken over with its own evidence, without a build and without the right to sign', async () => {
    const sha = OLD_COMMIT;
    await plant(sha, older.digest);
    const withoutToken = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
    const step = await ship(sha, {}, withoutToken);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ resumed: 'true', pushed: 'true', digest: older.digest });
    expect(existsSync(builder.marker)).toBe(false);
    expect((await bed.connect().resolve('main'))?.digest).toBe(older.digest);
  });

  it('is found by a run for another commit that asks for it', async () => {
    const step = await ship(commitOf('head'), { sha: OLD_COMMIT, ref: 'refs/heads/asked' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ resumed: 'true', digest: older.digest });
    expect((await bed.connect().resolve('asked'))?.digest).toBe(older.digest);
  });

  it('does not get a version that belongs to another image', async () => {
    const { digest } = await pushAttestedImage(bed.repository, 'released');
    await bed.repository.putManifest(await bed.repository.manifest(digest), '2.0.0');
    await expectRefused(OLD_COMMIT, 'tag-taken', { tags: '2.0.0\nnext' });
    expect((await bed.connect().resolve('2.0.0'))?.digest).toBe(digest);
    expect(await bed.connect().resolve('next')).toBeUndefined();
  });
});

describe('a commit that is new', () => {
  it('is not built for a version that another image has', async () => {
    await bed.repository.putManifest(await bed.repository.manifest(older.digest), '1.0.0');
    await expectRefused(commitOf('taken'), 'tag-taken', { tags: '1.0.0' });
  });

  it('is not built by a run for another commit, whose certificate would name that one', async () => {
    await expectRefused(commitOf('moved on'), 'input-conflict', { sha: commitOf('left behind') });
  });

  it.each([
    ['401', 'registry-unauthorized'],
    ['403', 'registry-denied'],
  ])('is not built when the registry answers %s', async (status, code) => {
    registry.set(REPOSITORY, () => ({ status: Number(status), body: { errors: [] } }));
    await expectRefused(commitOf(status), code).finally(() => registry.set(REPOSITORY, undefined));
  });
});
