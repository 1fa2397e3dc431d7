import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Shortcoming } from '../../policy/sign-section.ts';
import { isFailure, type PlimsollError } from '../../runtime/errors.ts';
import type { Verdict } from '../scan/verdict.ts';
import type { ImageShape } from '../verify/image.ts';
import { type FoundBundle } from '../verify/discover.ts';
import { type JudgeBy, judgeBundle } from '../verify/judge.ts';
import { judgeVerdicts } from '../verify/verdicts.ts';
import {
  assertAbout,
  assertPolicy,
  missing,
  notPass,
  readScanFile,
  readScanReferrer,
  type ScanEvidence,
  type VerdictSource,
} from './scan-evidence.ts';

export interface ScanSearch extends JudgeBy {
  readonly repository: ContentSource;
  readonly image: ImageShape;
  readonly found: readonly FoundBundle[];
  /** The policy that must have judged, as the verdict names it; any when absent. */
  readonly policyDigest?: Digest | undefined;
}

/** What the scan came to, as far as signing is concerned. */
export type ScanAnswer =
  /** Without evidence when a signed verdict is there already. */
  | { readonly passed: true; readonly evidence?: ScanEvidence }
  | {
      readonly passed: false;
      readonly state: Shortcoming;
      readonly verdict?: Verdict;
      /** What is thrown unless an exception allows it. */
      readonly failure: PlimsollError;
    };

/**
 * Finds the scan's answer about this image.
 * @throws PlimsollError `verdict-mismatch`, `verdict-policy`, `verdict-secrets`, and what the registry throws: a verdict about
 *   something else is a mistake, which no exception covers
 */
export async function judgeScan(source: VerdictSource, search: ScanSearch): Promise<ScanAnswer> {
  try {
    const { verdict, evidence } = await findVerdict(source, search);
    assertAbout(verdict, search.image);
    assertPolicy(verdict, search.policyDigest);
    if (verdict.outcome !== 'pass') {
      return { passed: false, state: verdict.outcome, verdict, failure: notPass(verdict) };
    }
    return { passed: true, ...(evidence === undefined ? {} : { evidence }) };
  } catch (failure) {
    if (isFailure(failure, 'verdict-missing')) return { passed: false, state: 'missing', failure };
    throw failure;
  }
}

async function findVerdict(
  source: VerdictSource,
  search: ScanSearch,
): Promise<{ readonly verdict: Verdict; readonly evidence?: ScanEvidence }> {
  if (source.kind === 'attested') return { verdict: attestedVerdict(search) };
  const { repository, image } = search;
  const evidence =
    source.kind === 'file'
      ? await readScanFile(source.path)
      : await readScanReferrer(repository, source.digest, image.root.digest);
  return { verdict: evidence.verdict, evidence };
}

function attestedVerdict(search: ScanSearch): Verdict {
  const { found, image } = search;
  const judged = found.map((each) => judgeBundle(each, search));
  const accepted = judged.flatMap((each) => (each.accepted ? [each.verified] : []));
  const { verdict, detail } = judgeVerdicts(accepted, image);
  if (verdict === undefined) throw missing(`There is no signed scan verdict on ${image.root.digest}: ${detail}`);
  return verdict;
}
