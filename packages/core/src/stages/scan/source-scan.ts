import path from 'node:path';
import type { Finding } from '../../policy/findings.ts';
import { copyWithoutIgnores, findInlineIgnores } from './inline-ignores.ts';
import type { Scanners } from './scanners.ts';
import { trivyFindings } from './trivy-findings.ts';

export interface SourceScan {
  readonly findings: readonly Finding[];
  /** Files whose comments would have switched checks off. */
  readonly inlineIgnores: readonly string[];
}

/** Secrets and misconfiguration of the source tree, whatever comments in it say. */
export async function scanSource(directory: string, workDir: string, scanners: Scanners): Promise<SourceScan> {
  const inlineIgnores = await findInlineIgnores(directory);
  const tree = inlineIgnores.length === 0 ? directory : path.join(workDir, 'source');
  if (tree !== directory) await copyWithoutIgnores(directory, inlineIgnores, tree);
  const { report } = await scanners.source(tree);
  return { findings: trivyFindings(report, { in: 'source' }), inlineIgnores };
}
