import type { ContentSource } from '../../oci/content.ts';
import type { ImageShape } from '../verify/image.ts';
import { type FoundBundle } from '../verify/discover.ts';
import { type JudgeBy, judgeBundle } from '../verify/judge.ts';
import { judgeVerdicts } from '../verify/verdicts.ts';
import {
  assertPass,
  missing,
  readScanFile,
  readScanReferrer,
  type ScanEvidence,
  type VerdictSource,
} from './scan-evidence.ts';

export interface ScanSearch extends JudgeBy {
  readonly repository: ContentSource;
  readonly image: ImageShape;
  readonly found: readonly FoundBundle[];
}

/**
 * Finds the scan's answer and refuses anything but a pass about this image.
 * @returns what is to be attested; nothing when a signed verdict is there already
 * @throws PlimsollError `verdict-missing`, `verdict-mismatch`, `verdict-not-pass`
 */
export async function requirePass(source: VerdictSource, search: ScanSearch): Promise<ScanEvidence | undefined> {
  if (source.kind === 'attested') {
    requireAttested(search);
    return undefined;
  }
  const { repository, image } = search;
  const evidence =
    source.kind === 'file'
      ? await readScanFile(source.path)
      : await readScanReferrer(repository, source.digest, image.root.digest);
  assertPass(evidence.verdict, image);
  return evidence;
}

function requireAttested(search: ScanSearch): void {
  const { found, image } = search;
  const judged = found.map((each) => judgeBundle(each, search));
  const accepted = judged.flatMap((each) => (each.accepted ? [each.verified] : []));
  const { verdict, detail } = judgeVerdicts(accepted, image);
  if (verdict === undefined) throw missing(`There is no signed scan verdict on ${image.root.digest}: ${detail}`);
  assertPass(verdict, image);
}
