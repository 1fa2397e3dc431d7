import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { parseBundle } from '@plimsoll/core/sigstore/bundle';
import { signatureStatement } from '@plimsoll/core/sigstore/statement';
import { readTrustedRoot } from '@plimsoll/core/sigstore/trusted-root';
import { verifyBundle } from '@plimsoll/core/sigstore/verify';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { hang, signAs } from '@plimsoll/testkit/evidence/forge';
import { verdictOf } from '@plimsoll/testkit/evidence/verdict-files';
import { type Claims, DEFAULT_IDENTITY, DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

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

let bed: EvidenceWorld;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => {
  bed.world.ghcr.front.intercept = undefined;
  bed.world.github.setFile('acme/app', '.github/plimsoll.yml', '');
});

describe('a signed image', () => {
  let built: AttestedImage;

  beforeAll(async () => {
    built = await pushAttestedImage(bed.repository, 'signed');
    await bed.sign(built);
  });

  it('is verified', async () => {
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });

  it.each([
    ['source-repository', STRANGER],
    ['certificate-identity', DEFAULT_SUBJECT.replace('main', 'other')],
    ['certificate-oidc-issuer', 'https://issuer.example'],
  ])('is not trusted under another %s', async (name, value) => {
    const run = await bed.verify(bed.at(built.digest), { [name]: value });
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(run.outputs['verified']).toBe('false');
    expect(reportOf(run).outcome).toBe('untrusted');
  });

  it.each(['.*', 'https://github.com/acme/.*', '^https://github.com/acme/app/'])(
    'is not judged by the unanchored identity %s',
    async (identity) => {
      expect(codeOf(await bed.verify(bed.at(built.digest), { 'certificate-identity': identity }))).toBe(
        'input-invalid',
      );
      bed.world.github.setFile('acme/app', '.github/plimsoll.yml', `verify:\n  identities: ['${identity}']\n`);
      expect(codeOf(await bed.verify(bed.at(built.digest)))).toBe('policy-invalid');
    },
  );

  it('keeps its verdict beside bundles of strangers and rubbish, which are reported', async () => {
    const other = await pushAttestedImage(bed.repository, 'company');
    expect(codeOf(await bed.sign(other))).toBeUndefined();
    await bed.attest(other.digest, signatureStatement(other.digest), STRANGER_CLAIMS);
    await hang(bed.repository, { on: other.digest, predicateType: spdx, bytes: Buffer.from('{}') });
    const run = await bed.verify(bed.at(other.digest));
    expect(codeOf(run)).toBeUndefined();
    const refused = reportOf(run).bundles.flatMap(({ accepted, refusal }) => (accepted ? [] : [refusal]));
    expect(new Set(refused)).toEqual(new Set(['source-repository', 'malformed']));
    expect(refused).toHaveLength(2);
  });

  it('fails as soon as a newer scan failed', async () => {
    const failed = verdictOf(built, { outcome: 'fail', reasons: ['1 finding blocks: 1 critical'], blocking: 1 });
    const subjects = [built.digest];
    await bed.attest(built.digest, { predicateType: verdictType, subjects, predicate: failed });
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBe('verify-policy');
    expect(reportOf(run).failure?.message).toContain('is fail');
    expect(codeOf(await bed.sign(built, { inputs: { verdict: '' } }))).toBe('verdict-not-pass');
  });
});

describe('an image is not taken for signed', () => {
  it('when nothing hangs on it', async () => {
    const { digest } = await pushAttestedImage(bed.repository, 'bare');
    expect(codeOf(await bed.verify(bed.at(digest)))).toBe('verify-unsigned');
  });

  it('when it carries only an attestation, though cosign verify accepts that', async () => {
    const { digest } = await pushAttestedImage(bed.repository, 'attested');
    await bed.attest(digest, { predicateType: spdx, subjects: [digest] });
    expect(codeOf(await bed.verify(bed.at(digest)))).toBe('verify-unsigned');
    await bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(digest)}`);
  });

  it('when only its platforms are signed', async () => {
    const { digest, platforms } = await pushAttestedImage(bed.repository, 'children');
    for (const child of platforms) await bed.attest(child.digest, signatureStatement(child.digest));
    expect(codeOf(await bed.verify(bed.at(digest)))).toBe('verify-unsigned');
  });

  it.each([
    ['a workflow of the same name in another repository', STRANGER_CLAIMS],
    ['another repository through a workflow of ours', CALLER_CLAIMS],
  ])('when it is signed by %s', async (name, claims) => {
    const { digest } = await pushAttestedImage(bed.repository, name);
    await bed.attest(digest, signatureStatement(digest), claims);
    expect(codeOf(await bed.verify(bed.at(digest)))).toBe('verify-untrusted');
    const bound = '--certificate-github-workflow-repository acme/app';
    await expect(bed.consumer(`cosign verify ${bed.trustFlags()} ${bound} ${bed.at(digest)}`)).rejects.toThrow();
  });

  it('when the signature of another image is hung on it', async () => {
    const [good, bad] = [
      await pushAttestedImage(bed.repository, 'good'),
      await pushAttestedImage(bed.repository, 'bad'),
    ];
    const bytes = await signAs(bed.world, signatureStatement(good.digest));
    await hang(bed.repository, { on: bad.digest, predicateType: signature, bytes });
    const run = await bed.verify(bed.at(bad.digest));
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(reportOf(run).bundles[0]).toMatchObject({ accepted: false, refusal: 'subject' });
    await expect(bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(bad.digest)}`)).rejects.toThrow();
  });

  it('when its signature was tampered with', async () => {
    const { digest } = await pushAttestedImage(bed.repository, 'tampered');
    const bundle = JSON.parse((await signAs(bed.world, signatureStatement(digest))).toString()) as Tampered;
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
    bundle.dsseEnvelope.payload = Buffer.from(payload.replace('{}', '{"a":1}')).toString('base64');
    await hang(bed.repository, { on: digest, predicateType: signature, bytes: Buffer.from(JSON.stringify(bundle)) });
    const run = await bed.verify(bed.at(digest));
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(reportOf(run).bundles[0]).toMatchObject({ accepted: false, refusal: 'signature' });
    await expect(bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(digest)}`)).rejects.toThrow();
  });

  it('by a bundle of which one byte was changed, anywhere', async () => {
    const { digest } = await pushAttestedImage(bed.repository, 'bytes');
    const bytes = await signAs(bed.world, signatureStatement(digest));
    const { material } = await readTrustedRoot(bed.world.sigstore.trustedRoot);
    expect(() => verifyBundle(parseBundle(bytes), material)).not.toThrow();
    const accepted = changedCopies(bytes).filter(({ copy }) => {
      try {
        verifyBundle(parseBundle(copy), material);
        return true;
      } catch {
        return false;
      }
    });
    expect(accepted.map(({ around }) => around)).toEqual([]);
  }, 300_000);

  it('when it is signed but its evidence is missing', async () => {
    const { digest } = await pushAttestedImage(bed.repository, 'poor');
    await bed.attest(digest, signatureStatement(digest));
    expect(codeOf(await bed.verify(bed.at(digest)))).toBe('verify-policy');
    bed.world.github.setFile('acme/app', '.github/plimsoll.yml', 'verify:\n  required: [signature]\n');
    expect(codeOf(await bed.verify(bed.at(digest)))).toBeUndefined();
  });
});

/** Most of a bundle is one signature over one text after the other. */
const STEP = 7;

/**
 * Every byte where nothing but the form is at stake: the inclusion proof with its checkpoint, and the timestamp. Elsewhere the
 * bytes are the base64 of what a signature or a hash covers (payload, signature, certificate, log entry) or names of
 * members, and every seventh stands for those beside it.
 */
function changedCopies(bytes: Buffer): readonly { readonly copy: Buffer; readonly around: string }[] {
  const text = bytes.toString('latin1');
  const loose = [
    [text.indexOf('"inclusionProof"'), text.indexOf('"canonicalizedBody"')] as const,
    [text.indexOf('"rfc3161Timestamps"'), text.indexOf('"dsseEnvelope"')] as const,
  ];
  const isLoose = (at: number) => loose.some(([start, end]) => at >= start && (end < start || at < end));
  const places = [...bytes.keys()].filter((at) => isLoose(at) || at % STEP === 0);
  return places.map((at) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return { copy, around: `${at}: ${text.slice(at - 10, at + 10)}` };
  });
}

interface Tampered {
  readonly dsseEnvelope: { payload: string };
}

describe('what cannot be read', () => {
  let built: AttestedImage;

  beforeAll(async () => {
    built = await pushAttestedImage(bed.repository, 'unreadable');
  });

  it.each([
    ['forbidden', /\/referrers\/|\/manifests\/sha256-/, 403],
    ['broken', /\/manifests\/sha256-/, 500],
  ])('is unreachable and never unsigned when it is %s', async (_name, route, status) => {
    bed.world.ghcr.front.intercept = ({ path: asked }) =>
      route.test(asked) ? { status, body: { errors: [{ code: 'UNKNOWN' }] } } : undefined;
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBe('verify-unreachable');
  });

  it('is not found when it does not exist', async () => {
    expect(codeOf(await bed.verify(`${bed.image}@sha256:${'0'.repeat(64)}`))).toBe('verify-not-found');
    expect(codeOf(await bed.verify(`${bed.image}:no-such-tag`))).toBe('verify-not-found');
  });

  it.each(['{}', 'not json'])('is not judged by the trusted root %s', async (content) => {
    const file = path.join(bed.world.directory, 'no-root.json');
    writeFileSync(file, content);
    expect(codeOf(await bed.verify(bed.at(built.digest), { 'trusted-root': file }))).toBe('trust-root');
  });
});
