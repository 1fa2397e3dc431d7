import { policyChanges } from '../../github/policy-change.ts';
import { type RepositoryPorts, readFromDefaultBranch } from '../../github/default-branch-file.ts';
import type { Inputs } from '../../github/inputs.ts';
import { type LoadedPolicy, POLICY_PATH } from '../../github/policy-file.ts';
import { SEVERITIES, type Severity } from '../../policy/findings.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { RuleFiles } from './foreign-suppressions.ts';
import type { ScanRequest } from './plan.ts';
import { withOnlyNew, withSeverities } from './policy-sources.ts';

/** What a job says beside the policy of how findings are judged. */
export interface RuleInputs {
  readonly severities: readonly Severity[];
  /** Paths in the repository. */
  readonly trivyIgnorefile: string | undefined;
  readonly vex: readonly string[];
  /** Absent when the policy decides. */
  readonly onlyNew: boolean | undefined;
}

/** @throws PlimsollError `input-invalid` */
export function readRuleInputs(inputs: Inputs<'trivy-severity' | 'trivy-ignorefile' | 'vex' | 'only-new'>): RuleInputs {
  return {
    severities: inputs.list('trivy-severity').map(readSeverity),
    trivyIgnorefile: inputs.text('trivy-ignorefile'),
    vex: inputs.lines('vex'),
    onlyNew: inputs.text('only-new') === undefined ? undefined : inputs.boolean('only-new'),
  };
}

/**
 * The rules of this scan: the policy, and what else is read from the default branch.
 *
 * @throws PlimsollError `input-invalid`, `policy-unreadable`, `policy-invalid`, `github-*`
 */
export async function loadRules(
  { severities, trivyIgnorefile, vex, onlyNew }: RuleInputs,
  { policy, digest, label, isDefault }: LoadedPolicy,
  { policyPath, ...ports }: RepositoryPorts & { readonly policyPath: string | undefined },
): Promise<Pick<ScanRequest, 'policy' | 'ruleFiles' | 'proposed'>> {
  const read = (path: string, input: string) => readFromDefaultBranch({ path, input }, ports);
  const ruleFiles: RuleFiles = {
    trivyIgnore: trivyIgnorefile === undefined ? undefined : await read(trivyIgnorefile, 'trivy-ignorefile'),
    vex: await Promise.all(vex.map((file) => read(file, 'vex'))),
  };
  const files = [policyPath ?? POLICY_PATH, ...(trivyIgnorefile === undefined ? [] : [trivyIgnorefile]), ...vex];
  return {
    policy: withOnlyNew(
      withSeverities({ rules: policy.scan, digest, label, isDefault }, severities),
      onlyNew,
      isDefault,
    ),
    ruleFiles,
    proposed: await policyChanges(files, ports),
  };
}

function readSeverity(text: string): Severity {
  const found = SEVERITIES.find((severity) => severity === text.toLowerCase());
  if (found !== undefined) return found;
  throw new PlimsollError('input-invalid', `The input "trivy-severity" has "${text.slice(0, 100)}"`, {
    hint: `Write severities separated by commas, such as "trivy-severity: HIGH,CRITICAL". They are ${SEVERITIES.join(', ')}.`,
  });
}
