import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { parsePolicy } from '../../policy/load.ts';
import { exceptionFor } from '../../policy/sign-section.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { LoadedPolicy } from '../../github/policy-file.ts';
import { allowanceOf, exceptionInputs } from './allowance.ts';

const POLICY = `
sign:
  exceptions:
    - verdict: [incomplete, missing]
      reason: No database for this distribution
      expires: 2026-12-01
`;
const policy = parsePolicy(POLICY, 'policy.yml');
const digest = digestOf(Buffer.from(POLICY));
const before = new Date('2026-11-30T23:59:59Z');
const github = { actor: 'alice', runUrl: 'https://github.com/acme/app/actions/runs/7' } as never;
const loaded: LoadedPolicy = { policy, digest, label: 'policy.yml', isDefault: false };

function allow(load: () => Promise<LoadedPolicy>, inputs = exceptionInputs(true, undefined)) {
  return allowanceOf(inputs, { policy: load, github, clock: { now: () => before } as never });
}

describe("the policy's exceptions", () => {
  it('hold for what they name, until their day', () => {
    expect(exceptionFor(policy.sign, 'missing', before)?.reason).toBe('No database for this distribution');
    expect(exceptionFor(policy.sign, 'fail', before)).toBeUndefined();
    expect(exceptionFor(policy.sign, 'missing', new Date('2026-12-01T00:00:00Z'))).toBeUndefined();
  });

  it.each(['verdict: []', 'verdict: [pass]', 'expires: 2026-02-30', "reason: ''"])('need sense: %s', (line) => {
    const [name = ''] = line.split(':');
    const lines = POLICY.split('\n').map((each) => (each.includes(`${name}:`) ? each.replace(/\w+: .*/, line) : each));
    expect(() => parsePolicy(lines.join('\n'), 'policy.yml')).toThrow(
      expect.objectContaining({ code: 'policy-invalid' }),
    );
  });
});

describe('leave to sign', () => {
  it('comes from the policy, with its digest', async () => {
    expect(await allow(async () => loaded)('incomplete')).toEqual({
      by: 'policy',
      reason: 'No database for this distribution',
      expires: '2026-12-01',
      actor: 'alice',
      runUrl: 'https://github.com/acme/app/actions/runs/7',
      policyDigest: digest,
    });
    expect(await allow(async () => loaded)('fail')).toBeUndefined();
  });

  it('comes from the step, also where the policy may not be read', async () => {
    const unreadable = async () => {
      throw new PlimsollError('policy-unreadable', 'no', { hint: 'no' });
    };
    expect(await allow(unreadable)('missing')).toBeUndefined();
    const step = allow(unreadable, exceptionInputs(false, 'the scanner is down'));
    expect(await step('fail')).toMatchObject({ by: 'verify-vuln: false', policyDigest: null, actor: 'alice' });
  });

  it('is not given by a policy that is broken', async () => {
    const broken = async () => {
      throw new PlimsollError('policy-invalid', 'no', { hint: 'no' });
    };
    await expect(allow(broken)('missing')).rejects.toMatchObject({ code: 'policy-invalid' });
  });

  it.each([
    [true, 'why'],
    [false, undefined],
  ])('with verify-vuln %s and reason %s is a contradiction', (verifyVuln, reason) => {
    expect(() => exceptionInputs(verifyVuln, reason)).toThrow(expect.objectContaining({ code: 'input-conflict' }));
  });
});
