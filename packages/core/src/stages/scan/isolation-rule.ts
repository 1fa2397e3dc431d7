import type { IsolationLevel } from '../../tools/isolation.ts';
import { missing, type ScanProblem } from './problem.ts';

/**
 * Why the scanners may not run here. A plain child of this process could read its tokens from /proc, and scanners parse
 * what strangers wrote, so that has to be allowed by the policy.
 */
export function isolationProblem(reached: IsolationLevel, allowed: 'required' | 'none'): ScanProblem | undefined {
  if (reached !== 'none' || allowed === 'none') return undefined;
  return missing(
    'the scanners cannot be isolated from the tokens of this job here, so they did not run',
    'Use a Linux runner that allows unprivileged user namespaces or "sudo -n", as GitHub\'s do, or accept the risk with "scan: {isolation: none}" in the policy.',
  );
}
