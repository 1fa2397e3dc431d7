import path from 'node:path';
import { digestOf } from '@plimsoll/core/oci/digest';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type verdictOf, writeVerdictFiles } from '@plimsoll/testkit/evidence/verdict-files';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const { exception, verdict: verdictType } = PREDICATE_TYPES;
let bed: EvidenceWorld;
let built: AttestedImage;
let images = 0;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());
beforeEach(async () => {
  built = await pushAttestedImage(bed.repository, `verdict ${(images += 1)}`);
});

function verdictFile(changed: Parameters<typeof verdictOf>[1]): string {
  return writeVerdictFiles(path.join(bed.world.directory, 'verdicts', String(images)), built, changed);
}
const failed = { outcome: 'fail' as const, reasons: ['1 finding blocks'] };
const reason = { 'verify-vuln': 'false', 'exception-reason': 'The scanner does not know this distribution' };

describe('the policy that judged', () => {
  it('must be the one that is asked for', async () => {
    const right = digestOf(Buffer.from('policy'));
    const wrong = await bed.sign(built, { inputs: { 'policy-digest': digestOf(Buffer.from('another')) } });
    expect(codeOf(wrong)).toBe('verdict-policy');
    expect(await bed.connect().referrers(built.digest)).toEqual([]);
    expect(codeOf(await bed.sign(built, { inputs: { 'policy-digest': right } }))).toBeUndefined();
  });
});

describe('an exception', () => {
  it.each([
    ['of a scan that failed', () => verdictFile(failed), 'fail'],
    ['of a scan that is missing', () => '', 'missing'],
  ])('%s is attested with its reason in place of the verdict', async (_name, verdict, state) => {
    const run = await bed.sign(built, { inputs: { verdict: verdict(), ...reason } });
    expect(codeOf(run)).toBeUndefined();
    const printed = await bed.consumer(
      `cosign verify-attestation --type ${exception} ${bed.trustFlags()} ${bed.at(built.digest)}`,
    );
    const { payload } = JSON.parse(printed.split('\n').find((line) => line.startsWith('{')) ?? '') as {
      payload: string;
    };
    expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({
      predicate: {
        version: 1,
        verdict: state,
        allowed: { reason: reason['exception-reason'], by: 'verify-vuln: false' },
      },
    });
    await expect(
      bed.consumer(`cosign verify-attestation --type ${verdictType} ${bed.trustFlags()} ${bed.at(built.digest)}`),
    ).rejects.toThrow();
  });

  it('is shown by verify, which does not take it for a pass', async () => {
    await bed.sign(built, { inputs: { verdict: '', ...reason } });
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBe('verify-policy');
    const report = reportOf(run);
    expect(report.bundles.some((each) => each.accepted && each.predicateType === exception)).toBe(true);
    expect(run.summary).toContain(reason['exception-reason']);
  });

  it('covers no verdict about another image', async () => {
    const verdict = verdictFile({ subject: { digest: digestOf(Buffer.from('another')), platforms: [] } });
    expect(codeOf(await bed.sign(built, { inputs: { verdict, ...reason } }))).toBe('verdict-mismatch');
  });

  it('needs a reason', async () => {
    expect(codeOf(await bed.sign(built, { inputs: { 'verify-vuln': 'false' } }))).toBe('input-conflict');
  });
});
