import { type Digest, digestOf } from '../../oci/digest.ts';
import type { Severity } from '../../policy/findings.ts';
import type { ScanPolicy } from '../../policy/scan-section.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { RuleFile, RuleFiles } from './foreign-suppressions.ts';
import type { PolicySource } from './report.ts';

/** The gate's rules, and what they were made of. */
export interface ScanRulesInForce {
  readonly rules: ScanPolicy;
  readonly digest: Digest;
  readonly sources: readonly PolicySource[];
}

export interface GivenPolicy {
  readonly rules: ScanPolicy;
  readonly digest: Digest;
  readonly isDefault: boolean;
  /** `acme/app/.github/plimsoll.yml@main`, or `the defaults`. */
  readonly label: string;
}

/**
 * The policy with the severities that the job asks for. Without a policy file they replace the defaults; a policy file has
 * the last word, so that they can only add to it.
 */
export function withSeverities(policy: GivenPolicy, severities: readonly Severity[]): ScanRulesInForce {
  const { rules, digest, label, isDefault } = policy;
  const own: PolicySource = { name: label, digest };
  if (severities.length === 0) return { rules, digest, sources: [own] };
  const wanted = isDefault ? severities : [...new Set([...rules.severities, ...severities])];
  const input = { name: `trivy-severity: ${severities.join(',')}` };
  return { rules: { ...rules, severities: wanted }, digest, sources: [own, input] };
}

/** With `only-new` of the job, which a policy file has to allow. @throws PlimsollError `input-conflict` */
export function withOnlyNew(
  given: ScanRulesInForce,
  wanted: boolean | undefined,
  isDefault: boolean,
): ScanRulesInForce {
  const { rules, sources } = given;
  if (wanted === undefined || wanted === rules.onlyNew) return given;
  if (wanted && !isDefault) {
    throw new PlimsollError(
      'input-conflict',
      'The policy judges everything, and "only-new: true" would let some of it pass',
      {
        hint: 'Write "scan: {only-new: true}" in the policy on the default branch.',
      },
    );
  }
  return { ...given, rules: { ...rules, onlyNew: wanted }, sources: [...sources, { name: `only-new: ${wanted}` }] };
}

/** With the files that suppress findings. */
export function policySources(sources: readonly PolicySource[], files: RuleFiles | undefined): readonly PolicySource[] {
  const given = [files?.trivyIgnore, ...(files?.vex ?? [])].filter((file): file is RuleFile => file !== undefined);
  return [...sources, ...given.map(({ path, text }) => ({ name: path, digest: digestOf(Buffer.from(text)) }))];
}

/** The policy's own digest when nothing else judged; else over every name and digest, so that no file changes unseen. */
export function policyDigestOf(sources: readonly PolicySource[]): Digest {
  const [only, ...others] = sources;
  if (only?.digest !== undefined && others.length === 0) return only.digest;
  const listed = sources.map(({ name, digest }, at) => [at === 0 ? 'policy' : name, digest ?? null]);
  return digestOf(Buffer.from(JSON.stringify(listed)));
}
