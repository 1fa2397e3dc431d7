import { describe, expect, it } from 'vitest';
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { Verdict } from '../scan/verdict.ts';
import { compileIdentity } from '../../sigstore/identity-pattern.ts';
import { conclude } from './conclude.ts';
import type { ContentRules } from './content-rules.ts';
import type { ImageShape } from './image.ts';
import type { JudgedBundle } from './judge.ts';
import type { Refusal } from './reasons.ts';
import { checkRequirements } from './requirements.ts';

const index = digestOf(Buffer.from('index'));
const amd64 = digestOf(Buffer.from('amd64'));
const arm64 = digestOf(Buffer.from('arm64'));
const other = digestOf(Buffer.from('other'));

const part = (name: string, digest: Digest) => ({ name, descriptor: { mediaType: OCI_MANIFEST, digest, size: 1 } });
const image: ImageShape = {
  root: { mediaType: OCI_INDEX, digest: index, size: 1 },
  platforms: [part('linux/amd64', amd64), part('linux/arm64', arm64)],
  attestations: [],
};

const NOW = new Date('2026-01-11T00:00:00Z');
const SIGNER = { issuer: 'https://issuer.example', identity: 'https://github.com/acme/app/x.yml@refs/heads/main' };
const { signature, spdx, slsaprovenance1, verdict: verdictType, vuln } = PREDICATE_TYPES;
const REQUIRED: readonly string[] = [signature, slsaprovenance1, spdx, verdictType];

const SOUND = { packages: [{ name: 'busybox' }] };

const accepted = (predicateType: string, subjects: Digest[], predicate: unknown = SOUND): VerifiedBundle => ({
  bytes: Buffer.alloc(0),
  bundle: {} as VerifiedBundle['bundle'],
  statement: { predicateType, subjects, predicate },
  signer: SIGNER,
  signedAt: new Date('2026-01-01T00:00:00Z'),
  logged: true,
});

const at = (second: number, bundle: VerifiedBundle): VerifiedBundle => ({
  ...bundle,
  signedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
});

const verdict = (changed: Partial<Verdict> = {}): Verdict => ({
  version: 1,
  subject: {
    digest: index,
    platforms: [
      { platform: 'linux/amd64', digest: amd64 },
      { platform: 'linux/arm64', digest: arm64 },
    ],
  },
  outcome: 'pass',
  reasons: [],
  policyDigest: other,
  counts: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0, secrets: 0, misconfigurations: 0 },
  blocking: 0,
  suppressed: 0,
  databases: [],
  tools: [],
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  ...changed,
});

const everything = [
  accepted(signature, [index]),
  accepted(slsaprovenance1, [index, amd64]),
  accepted(slsaprovenance1, [index, arm64]),
  accepted(spdx, [index, amd64]),
  accepted(spdx, [index, arm64]),
  accepted(verdictType, [index, amd64, arm64], verdict()),
];

const judgedOf = (bundle: VerifiedBundle): JudgedBundle => ({
  found: { subject: bundle.statement.subjects[0] ?? index, referrer: other, annotations: {}, content: { problem: '' } },
  predicateType: bundle.statement.predicateType,
  accepted: true,
  verified: bundle,
});

const refusedOf = (predicateType: string, refusal: Refusal, subject: Digest = index): JudgedBundle => ({
  found: { subject, referrer: other, annotations: {}, content: { problem: '' } },
  predicateType,
  accepted: false,
  refusal,
  reason: `${refusal} is wrong`,
});

const conclusion = (
  bundles: readonly VerifiedBundle[],
  refused: readonly JudgedBundle[] = [],
  required = REQUIRED,
  rules: ContentRules = {},
) => {
  const concluded = conclude({
    image,
    accepted: bundles,
    judged: [...bundles.map(judgedOf), ...refused],
    lost: [],
    requirements: checkRequirements(required, { accepted: bundles, image, now: NOW, ...rules }),
  });
  if (concluded === undefined) return undefined;
  const { failure, reasons } = concluded;
  return { code: failure.code, message: failure.message, reasons };
};

const without = (type: string) => everything.filter(({ statement }) => statement.predicateType !== type);

describe('an image', () => {
  it('passes with a signature, provenance, SBOM and a passing verdict for every platform', () => {
    expect(conclusion(everything)).toBeUndefined();
  });

  it('passes beside bundles of strangers', () => {
    expect(conclusion(everything, [refusedOf(signature, 'identity'), refusedOf(spdx, 'signature')])).toBeUndefined();
  });

  it('is unsigned when nothing hangs on it', () => {
    expect(conclusion([])?.code).toBe('verify-unsigned');
  });

  it('is unsigned when it carries only attestations', () => {
    expect(conclusion(without(signature))?.code).toBe('verify-unsigned');
  });

  it('is unsigned when only its platforms are signed', () => {
    const children = [accepted(signature, [amd64]), accepted(signature, [arm64])];
    expect(conclusion([...without(signature), ...children])?.code).toBe('verify-unsigned');
  });

  it.each<Refusal>(['identity', 'ref', 'signature', 'subject', 'malformed', 'unreadable'])(
    'is untrusted when its only signature is refused for its %s',
    (refusal) => {
      const failure = conclusion(without(signature), [refusedOf(signature, refusal)]);
      expect(failure?.code).toBe('verify-untrusted');
      expect(failure?.reasons).toEqual([refusal]);
    },
  );

  it.each([slsaprovenance1, spdx, verdictType])('fails the policy without %s', (type) => {
    expect(conclusion(without(type))).toMatchObject({ code: 'verify-policy', reasons: ['missing'] });
  });

  it('fails the policy when evidence of one platform is missing', () => {
    const lacking = everything.filter(
      ({ statement }) => !(statement.predicateType === spdx && statement.subjects.includes(arm64)),
    );
    expect(conclusion(lacking)?.message).toContain('no spdx for linux/arm64');
  });

  it('takes what is about the index alone for all platforms', () => {
    expect(conclusion([...without(spdx), accepted(spdx, [index])])).toBeUndefined();
  });

  it('can be asked for any predicate type', () => {
    expect(conclusion(everything, [], [...REQUIRED, vuln])?.message).toContain('no vuln for linux/amd64, linux/arm64');
  });
});

describe('the content of evidence', () => {
  const reasonsOf = (bundles: readonly VerifiedBundle[], rules: ContentRules = {}) =>
    conclusion(bundles, [], REQUIRED, rules)?.reasons;
  const DAY = 86_400_000;

  it('may be as old as the policy says, by the proven time', () => {
    expect(reasonsOf(everything, { maxAges: { [spdx]: 10 * DAY } })).toBeUndefined();
    expect(reasonsOf(everything, { maxAges: { [spdx]: 9 * DAY } })).toEqual(['too-old']);
    expect(reasonsOf(everything, { maxAges: { [verdictType]: DAY } })).toEqual(['too-old']);
    expect(reasonsOf(everything, { maxAges: { [signature]: DAY } })).toEqual(['too-old']);
  });

  it('has no age where the clock of this machine is behind', () => {
    const tomorrow = { ...accepted(spdx, [index]), signedAt: new Date(NOW.getTime() + DAY) };
    expect(reasonsOf([...without(spdx), tomorrow], { maxAges: { [spdx]: DAY } })).toEqual(['in-future']);
  });

  it('names packages, when it is an SBOM', () => {
    const empty = accepted(spdx, [index], { packages: [] });
    expect(reasonsOf([...without(spdx), empty])).toEqual(['sbom-empty']);
    expect(reasonsOf([...everything, empty])).toBeUndefined();
  });

  it('is of the commit that the certificate names, when it is a provenance', () => {
    const commit = 'a'.repeat(40);
    const of = (revision: string) => ({
      ...accepted(slsaprovenance1, [index], { runDetails: { metadata: { buildkit_metadata: { vcs: { revision } } } } }),
      signer: { ...SIGNER, sourceDigest: commit },
    });
    expect(reasonsOf([...without(slsaprovenance1), of(commit)])).toBeUndefined();
    expect(reasonsOf([...without(slsaprovenance1), of('b'.repeat(40))])).toEqual(['provenance-commit']);
    expect(reasonsOf([...without(slsaprovenance1), of(`${commit}-dirty`)])).toEqual(['provenance-commit']);
  });

  it('names a builder of the policy, when it is a provenance', () => {
    const builderIds = [compileIdentity('https://github.com/acme/app/actions/runs/**')];
    const by = (id: string) => accepted(slsaprovenance1, [index], { runDetails: { builder: { id } } });
    const run = 'https://github.com/acme/app/actions/runs/1/attempts/1';
    expect(reasonsOf([...without(slsaprovenance1), by(run)], { builderIds })).toBeUndefined();
    expect(reasonsOf([...without(slsaprovenance1), by('')], { builderIds })).toEqual(['builder']);
    expect(reasonsOf(everything, { builderIds })).toEqual(['builder']);
  });
});

describe('scan verdicts', () => {
  const about = [index, amd64, arm64];
  const failed = (second: number) =>
    at(second, accepted(verdictType, about, verdict({ outcome: 'fail', reasons: ['x'] })));
  const passed = (second: number) => at(second, accepted(verdictType, about, verdict()));

  it.each([
    ['a newer failure beats an older pass', [passed(1), failed(2)], 'verify-policy'],
    ['a newer pass beats an older failure', [failed(1), passed(2)], undefined],
    ['of two at the same second the failure counts', [passed(1), failed(1)], 'verify-policy'],
    ['the order of discovery does not matter', [failed(2), passed(1)], 'verify-policy'],
  ])('%s', (_name, verdicts, code) => {
    expect(conclusion([...without(verdictType), ...verdicts])?.code).toBe(code);
  });

  it('deny even where no verdict is asked for', () => {
    expect(conclusion([...everything, failed(5)], [], [signature])?.code).toBe('verify-policy');
  });

  it.each<[string, unknown, string]>([
    ['is about another image', verdict({ subject: { digest: other, platforms: [] } }), 'scan-unclear'],
    [
      'leaves a platform out',
      verdict({ subject: { digest: index, platforms: [{ platform: 'a', digest: amd64 }] } }),
      'scan-unclear',
    ],
    ['cannot be understood', { outcome: 'pass' }, 'scan-unclear'],
    ['is incomplete', verdict({ outcome: 'incomplete' }), 'scan-failed'],
    ['is an error', verdict({ outcome: 'error' }), 'scan-failed'],
  ])('deny when the newest %s', (_name, predicate, reason) => {
    const denied = conclusion([...everything, at(9, accepted(verdictType, about, predicate))]);
    expect(denied).toMatchObject({ code: 'verify-policy', reasons: [reason] });
  });

  it('of one platform alone do not speak for the image, unless they fail', () => {
    const alone = { subject: { digest: amd64, platforms: [{ platform: 'image', digest: amd64 }] } };
    expect(conclusion([...everything, at(9, accepted(verdictType, [amd64], verdict(alone)))])).toBeUndefined();
    const bad = at(9, accepted(verdictType, [amd64], verdict({ ...alone, outcome: 'fail' })));
    expect(conclusion([...everything, bad])?.code).toBe('verify-policy');
  });
});
