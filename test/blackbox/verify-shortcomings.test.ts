import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { signatureStatement } from '@plimsoll/core/sigstore/statement';
import { SHORTCOMINGS, type Shortcoming } from '@plimsoll/core/stages/verify/reasons';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { verdictOf } from '@plimsoll/testkit/evidence/verdict-files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { slsaprovenance1, spdx, verdict: verdictType, vuln } = PREDICATE_TYPES;

let bed: EvidenceWorld;
const covered = new Set<Shortcoming>();

const policy = (text: string) => bed.world.github.setFile('acme/app', '.github/plimsoll.yml', text);

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());

interface Short {
  readonly reason: Shortcoming;
  readonly what: string;
  readonly required: string;
  readonly statements: (
    built: AttestedImage,
  ) => readonly { readonly predicateType: string; readonly predicate: unknown }[];
  readonly rules?: string;
  /** Sets the clock of the machine that verifies. */
  readonly clock?: number;
}

const DAY = 86_400_000;
const provenance = (runDetails: unknown) => () => [{ predicateType: slsaprovenance1, predicate: { runDetails } }];
const scanned = (changed: Parameters<typeof verdictOf>[1]) => (built: AttestedImage) => [
  { predicateType: verdictType, predicate: verdictOf(built, changed) },
];

const SHORT: readonly Short[] = [
  { reason: 'missing', what: 'lacks an SBOM', required: 'spdx', statements: () => [] },
  {
    reason: 'too-old',
    what: 'was signed long ago',
    required: '{ type: signature, max-age: 0s }',
    statements: () => [],
  },
  {
    reason: 'in-future',
    what: 'was signed tomorrow',
    required: '{ type: signature, max-age: 1d }',
    statements: () => [],
    clock: -DAY,
  },
  {
    reason: 'builder',
    what: 'was built elsewhere',
    required: 'slsaprovenance1',
    statements: provenance({ builder: { id: 'https://evil.example' } }),
    rules: 'builder-ids: ["https://github.com/acme/**"]',
  },
  {
    reason: 'provenance-commit',
    what: 'was built from another commit',
    required: 'slsaprovenance1',
    statements: provenance({ metadata: { buildkit_metadata: { vcs: { revision: 'c'.repeat(40) } } } }),
  },
  {
    reason: 'sbom-empty',
    what: 'has an empty SBOM',
    required: 'spdx',
    statements: () => [{ predicateType: spdx, predicate: { packages: [] } }],
  },
  {
    reason: 'scan-failed',
    what: 'failed its scan',
    required: 'verdict',
    statements: scanned({ outcome: 'fail', reasons: ['x'] }),
  },
  {
    reason: 'scan-unclear',
    what: 'was scanned in part',
    required: 'verdict',
    statements: (built) => scanned({ subject: { digest: built.digest, platforms: [] } })(built),
  },
];

const scanOf = (os: object, ...packages: readonly string[]) => ({
  predicateType: vuln,
  predicate: {
    scanner: {
      result: {
        Metadata: { OS: os },
        Results: [{ Class: 'os-pkgs', Vulnerabilities: packages.map((PkgName) => ({ PkgName, Severity: 'HIGH' })) }],
      },
    },
  },
});
const sbomOf = (name: string) => ({
  predicateType: spdx,
  predicate: {
    packages: [
      {
        name,
        externalRefs: [{ referenceType: 'purl', referenceLocator: `pkg:deb/debian/${name}@1?distro=debian-12` }],
      },
    ],
  },
});

/** Genuine evidence that does not agree with other genuine evidence. */
const CONTRADICTIONS: readonly Short[] = [
  {
    reason: 'sbom-foreign',
    what: 'has the SBOM of another image',
    required: 'spdx',
    statements: () => [sbomOf('busybox'), scanOf({ Family: 'alpine', Name: '3.21.0' })],
  },
  {
    reason: 'sbom-incomplete',
    what: 'has half an SBOM',
    required: 'spdx',
    statements: () => [sbomOf('busybox'), scanOf({ Family: 'debian', Name: '12.5' }, 'libc6')],
  },
  {
    reason: 'too-many-findings',
    what: 'is more vulnerable than the policy lets pass',
    required: 'vuln',
    statements: () => [scanOf({ Family: 'debian', Name: '12.5' }, 'libc6')],
    rules: 'max-findings: { critical: 0, high: 0 }',
  },
];

describe('an image with a good signature that', () => {
  it.each([...SHORT, ...CONTRADICTIONS])(
    '$what is refused: $reason',
    async ({ reason, required, statements, rules = '', clock }) => {
      const built = await signedImage(`short ${reason}`);
      for (const statement of statements(built))
        await bed.attest(built.digest, { subjects: [built.digest], ...statement });
      policy(`verify:\n  required: [signature, ${required}]\n  ${rules}\n`);
      const run = await bed.verify(bed.at(built.digest), {}, clock === undefined ? {} : clockOff(clock));
      expect(codeOf(run)).toBe('verify-policy');
      expect(run.outputs).toMatchObject({ outcome: 'policy', reasons: reason });
      covered.add(reason);
    },
  );
});

describe('an image whose list of referrers was overwritten', () => {
  it('is told from one that was never signed', async () => {
    const built = await pushAttestedImage(bed.repository, 'lost');
    const platform = built.platforms[0]?.digest ?? built.digest;
    await bed.attest(platform, { predicateType: spdx, subjects: [built.digest, platform] });
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBe('verify-unsigned');
    expect(run.outputs).toMatchObject({ outcome: 'unsigned', reasons: 'lost' });
    covered.add('lost');
  });
});

/** A machine whose clock is that many milliseconds off. */
function clockOff(offset: number): Record<string, string> {
  const file = path.join(bed.world.directory, 'clock.mjs');
  writeFileSync(
    file,
    `const Real = Date;
globalThis.Date = class extends Real {
  constructor(...args) { super(...(args.length === 0 ? [Real.now() + ${offset}] : args)); }
  static now() { return Real.now() + ${offset}; }
};\n`,
  );
  return { NODE_OPTIONS: `--import=${file}` };
}

async function signedImage(seed: string): Promise<AttestedImage> {
  const built = await pushAttestedImage(bed.repository, seed);
  await bed.attest(built.digest, signatureStatement(built.digest));
  return built;
}

describe('the table of shortcomings', () => {
  it('has a case here for each', () => {
    expect([...covered].toSorted()).toEqual(Object.keys(SHORTCOMINGS).toSorted());
  });
});
