import { isFailure } from '../../runtime/errors.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { parseVerdict, type Verdict } from '../scan/verdict.ts';
import type { ImageShape } from './image.ts';
import type { Shortcoming } from './reasons.ts';

/** What the signed scan verdicts on an image come to. */
export interface VerdictJudgement {
  readonly passed: boolean;
  /** True when the newest verdict is anything but a pass about this image. */
  readonly denied: boolean;
  /** Why it is denied. */
  readonly reason?: Shortcoming;
  readonly detail: string;
  /** The newest one, when it can be read. */
  readonly verdict?: Verdict;
}

const NONE: VerdictJudgement = { passed: false, denied: false, detail: 'no scan verdict' };

/**
 * The newest verdict decides, by the time that the timestamp authority or the log proved: an older
 * pass does not outlive a newer failure, and of two at the same second the failure counts.
 * One that cannot be understood is not a pass.
 */
export function judgeVerdicts(accepted: readonly VerifiedBundle[], image: ImageShape): VerdictJudgement {
  const judged = accepted
    .filter(({ statement }) => statement.predicateType === PREDICATE_TYPES.verdict)
    .map((bundle) => ({ bundle, at: bundle.signedAt.getTime(), ...judge(bundle, image) }))
    // A pass of one platform alone says nothing about the image; a failure of one does.
    .filter(({ bundle, denied }) => denied || bundle.statement.subjects.includes(image.root.digest));
  const newest = Math.max(...judged.map(({ at }) => at));
  const latest = judged.filter(({ at }) => at === newest);
  return latest.find(({ denied }) => denied) ?? latest[0] ?? NONE;
}

function judge({ statement, signedAt }: VerifiedBundle, image: ImageShape): VerdictJudgement {
  const verdict = read(statement.predicate);
  const which = `the scan verdict of ${signedAt.toISOString()}`;
  if (verdict === undefined) return denial('scan-unclear', `${which} cannot be understood`);
  if (verdict.outcome !== 'pass') return { ...denial('scan-failed', `${which} is ${verdict.outcome}`), verdict };
  const gap = statement.subjects.includes(image.root.digest) ? verdictGap(verdict, image) : undefined;
  if (gap !== undefined) return { ...denial('scan-unclear', `${which} ${gap}`), verdict };
  if (!isOfSecrets(verdict, image)) return { ...denial('scan-unclear', `${which} is of no scan for secrets`), verdict };
  return { passed: true, denied: false, detail: `${which} is pass`, verdict };
}

/** What keeps a verdict from being about the whole of this image; `undefined` when nothing does. */
export function verdictGap({ subject }: Verdict, { root, platforms, files = [] }: ImageShape): string | undefined {
  const scanned = new Set(subject.platforms.map(({ digest }) => digest));
  if (subject.digest !== root.digest && !scanned.has(root.digest)) return `is about ${subject.digest}`;
  const missing = platforms.filter(({ descriptor }) => !scanned.has(descriptor.digest));
  if (missing.length > 0) return `does not cover ${missing.map(({ name }) => name).join(', ')}`;
  // A verdict that names no file is not of a scan of files, which is told apart.
  const seen = new Set(subject.files?.map(({ digest }) => digest));
  const unseen = seen.size === 0 ? [] : files.filter(({ digest }) => !seen.has(digest));
  return unseen.length === 0 ? undefined : `does not cover ${unseen.map(({ digest }) => digest).join(', ')}`;
}

/**
 * Whether a verdict on an artifact that is no image rests on a scan of its files for secrets, which only trivy does: it
 * is all that a scan can say of any artifact. Of an image it is no question.
 */
export function isOfSecrets({ subject, tools }: Verdict, { platforms }: ImageShape): boolean {
  if (platforms.length > 0) return true;
  return subject.files !== undefined && subject.files.length > 0 && tools.some(({ name }) => name === 'trivy');
}

function denial(reason: Shortcoming, detail: string): VerdictJudgement {
  return { passed: false, denied: true, reason, detail };
}

function read(predicate: unknown): Verdict | undefined {
  try {
    return parseVerdict(JSON.stringify(predicate), 'the predicate');
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}
