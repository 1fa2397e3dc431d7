import path from 'node:path';
import type { Finding } from '../../policy/findings.ts';
import type { LicenceRules } from '../../policy/licences.ts';
import { copyWithoutIgnores, findInlineIgnores } from './inline-ignores.ts';
import { licenceFindings } from './licence-findings.ts';
import { atLockfileLines } from './origins.ts';
import { missing, type ScanProblem } from './problem.ts';
import type { Scanners } from './scanners.ts';
import { closedProblem } from './tree-walk.ts';
import { trivyFindings } from './trivy-findings.ts';

export interface SourceScan {
  readonly findings: readonly Finding[];
  /** Files whose comments would have switched checks off. */
  readonly inlineIgnores: readonly string[];
}

export interface SourcePlace {
  readonly directory: string;
  readonly workDir: string;
  /** Licences are looked at only when there are rules for them. */
  readonly licences: LicenceRules | undefined;
  /** Also where trivy takes secrets for examples, by the name of the file. */
  readonly everywhere: boolean;
}

/** Secrets and misconfiguration of the source tree, whatever comments in it say. */
export async function scanSource(
  { directory, workDir, licences, everywhere }: SourcePlace,
  scanners: Scanners,
): Promise<SourceScan | ScanProblem> {
  const { marked: inlineIgnores, tooLarge, closed } = await findInlineIgnores(directory);
  if (closed[0] !== undefined) return closedProblem(closed[0]);
  if (tooLarge[0] !== undefined) return missing(`${tooLarge[0]} has comments for trivy, and is too large`, SMALLER);
  const tree = inlineIgnores.length === 0 ? directory : path.join(workDir, 'source');
  if (tree !== directory) await copyWithoutIgnores(directory, inlineIgnores, tree);
  const { report } = await scanners.source({ directory: tree, licences: licences !== undefined, everywhere });
  const findings = trivyFindings(report, { in: 'source' });
  const refused = await atLockfileLines(licenceFindings(report, { in: 'source' }, licences), directory);
  return { findings: [...findings, ...refused], inlineIgnores };
}

const SMALLER =
  'Remove the "trivy:ignore" comments from it: they are not obeyed, and it cannot be copied without them.';
