import type { Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { contentProblem } from './content.ts';
import type { ContentRules } from './content-rules.ts';
import type { ImageShape } from './image.ts';
import type { Shortcoming } from './reasons.ts';
import { judgeVerdicts } from './verdicts.ts';

/** Whether one kind of evidence is there, and for the whole image. */
export interface RequirementReport {
  /** The predicate type that was asked for. */
  readonly predicateType: string;
  readonly met: boolean;
  /** Absent when it is met. */
  readonly reason?: Shortcoming;
  /** What is there, or what is missing. */
  readonly detail: string;
}

type Rule = (accepted: readonly VerifiedBundle[], image: ImageShape) => Omit<RequirementReport, 'predicateType'>;

/** Every other type has to be there for each platform, whatever it says. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [
    PREDICATE_TYPES.signature,
    (accepted, image) => {
      const met = accepted.some(({ statement }) => isSignatureOf(statement, image.root.digest));
      return met ? { met, detail: 'signed' } : { met, reason: 'missing', detail: 'no accepted signature' };
    },
  ],
  [
    PREDICATE_TYPES.verdict,
    (accepted, image) => {
      const { passed, reason = 'missing', detail } = judgeVerdicts(accepted, image);
      return passed ? { met: true, detail } : { met: false, reason, detail };
    },
  ],
]);

/** What evidence is judged by. */
export interface Evidence extends ContentRules {
  readonly accepted: readonly VerifiedBundle[];
  readonly image: ImageShape;
  readonly now: Date;
}

/**
 * Holds the accepted evidence against what is asked for. Pure. A statement whose content is refused counts for
 * nothing; what is wrong with it is told only where nothing else meets the requirement.
 */
export function checkRequirements(
  required: readonly string[],
  { accepted, image, now, ...rules }: Evidence,
): readonly RequirementReport[] {
  return required.map((predicateType) => {
    const rule = RULES.get(predicateType) ?? everyPlatform(predicateType);
    const counted = deciding(accepted.filter(({ statement }) => statement.predicateType === predicateType));
    const around = { accepted, image, now };
    const judged = counted.map((bundle) => ({ bundle, problem: contentProblem(bundle, rules, around) }));
    const sound = judged.filter(({ problem }) => problem === undefined).map(({ bundle }) => bundle);
    const report = { predicateType, ...rule(sound, image) };
    const problems = judged.flatMap(({ problem }) => problem ?? []);
    const [first] = problems;
    if (report.met || first === undefined) return report;
    const details = new Set([report.detail, ...problems.map(({ text }) => text)]);
    return { ...report, reason: first.code, detail: [...details].join(': ') };
  });
}

/** Of what scans say, the newest about the same subjects: an older result must not hide a newer one that is refused. */
function deciding(ofType: readonly VerifiedBundle[]): readonly VerifiedBundle[] {
  return ofType.filter((each) => !ofType.some((other) => isScan(each) && isNewer(other, each)));
}

function isScan({ statement: { predicateType } }: VerifiedBundle): boolean {
  return predicateType === PREDICATE_TYPES.verdict || predicateType === PREDICATE_TYPES.vuln;
}

function isNewer(other: VerifiedBundle, each: VerifiedBundle): boolean {
  return (
    other.signedAt > each.signedAt && each.statement.subjects.every((one) => other.statement.subjects.includes(one))
  );
}

/** Evidence of what an image is made of says nothing about who stands behind it: an SBOM is not a signature. */
export function isSignatureOf({ predicateType, subjects }: Statement, digest: Digest): boolean {
  return predicateType === PREDICATE_TYPES.signature && subjects.includes(digest);
}

function everyPlatform(type: string): Rule {
  const name = predicateName(type);
  return (accepted, image) => {
    const statements = accepted.map(({ statement }) => statement).filter((each) => each.predicateType === type);
    const missing = image.platforms.filter(
      ({ descriptor }) => !statements.some((each) => covers(each, descriptor.digest, image)),
    );
    const met = missing.length === 0 && statements.length > 0;
    if (met) return { met, detail: `${name} for ${image.platforms.map((part) => part.name).join(', ')}` };
    return {
      met,
      reason: 'missing',
      detail: `no ${name} for ${missing.map((part) => part.name).join(', ') || 'the image'}`,
    };
  };
}

/**
 * A statement that names platforms speaks for these only. One that names the index and none of its
 * platforms speaks for all of them, as those do that other tools attach to an index.
 */
export function covers({ subjects }: Statement, platform: Digest, { root, platforms }: ImageShape): boolean {
  if (subjects.includes(platform)) return true;
  return subjects.includes(root.digest) && !platforms.some(({ descriptor }) => subjects.includes(descriptor.digest));
}
