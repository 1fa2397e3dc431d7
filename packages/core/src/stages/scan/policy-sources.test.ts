import { expect, test } from 'vitest';
import { defaultPolicy, defaultPolicyDigest } from '../../policy/defaults.ts';
import { digestOf } from '../../oci/digest.ts';
import { policyDigestOf, policySources, withSeverities } from './policy-sources.ts';

const given = { rules: defaultPolicy.scan, digest: defaultPolicyDigest(), label: 'the defaults', isDefault: true };
const file = { ...given, label: 'acme/app/.github/plimsoll.yml@main', isDefault: false };

test('without a policy file the severities of the job replace the defaults', () => {
  expect(withSeverities(given, ['critical']).rules.severities).toEqual(['critical']);
});

test('a policy file has the last word: the job can only add to it', () => {
  const { severities } = withSeverities(file, ['critical', 'medium']).rules;
  expect(severities.toSorted()).toEqual(['critical', 'high', 'medium']);
});

test('the digest is that of the policy file when nothing else judged', () => {
  const { sources } = withSeverities(file, []);
  expect(policyDigestOf(policySources(sources, { vex: [] }))).toBe(given.digest);
});

test('every other thing that judges changes the digest', () => {
  const { sources } = withSeverities(file, []);
  const digests = [
    policySources(sources, undefined),
    policySources(sources, { vex: [{ path: 'a.json', text: '{}' }] }),
    policySources(sources, { vex: [{ path: 'a.json', text: '{ }' }] }),
    policySources(sources, { vex: [], trivyIgnore: { path: '.trivyignore', text: '' } }),
    withSeverities(file, ['low']).sources,
  ].map(policyDigestOf);
  expect(new Set(digests).size).toBe(digests.length);
});

test('the name of the branch is not in the digest, so that it can be computed again', () => {
  const extra = { vex: [{ path: 'a.json', text: '{}' }] };
  const other = { ...file, label: 'elsewhere' };
  expect(policyDigestOf(policySources(withSeverities(file, []).sources, extra))).toBe(
    policyDigestOf(policySources(withSeverities(other, []).sources, extra)),
  );
  expect(policyDigestOf([{ name: 'policy', digest: digestOf(Buffer.from('x')) }])).not.toBe(given.digest);
});
