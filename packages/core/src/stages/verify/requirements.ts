import type { Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { contentProblem, type ContentRules } from './content.ts';
import type { ImageShape } from './image.ts';
import { judgeVerdicts } from './verdicts.ts';

/** Whether one kind of evidence is there, and for the whole image. */
export interface RequirementReport {
  /** The predicate type that was asked for. */
  readonly predicateType: string;
  readonly met: boolean;
  /** What is there, or what is missing. */
  readonly detail: string;
}

type Rule = (accepted: readonly VerifiedBundle[], image: ImageShape) => Omit<RequirementReport, 'predicateType'>;

/** Every other type has to be there for each platform, whatever it says. */
const RULES: ReadonlyMap<string, Rule> = new Map([
  [
    PREDICATE_TYPES.signature,
    (accepted, image) => {
      const met = accepted.some(({ statement }) => isSignatureOf(statement, image.root.digest));
      return { met, detail: met ? 'signed' : 'no accepted signature' };
    },
  ],
  [
    PREDICATE_TYPES.verdict,
    (accepted, image) => {
      const { passed, detail } = judgeVerdicts(accepted, image);
      return { met: passed, detail };
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
    const ofType = accepted.filter(({ statement }) => statement.predicateType === predicateType);
    const judged = ofType.map((bundle) => ({ bundle, problem: contentProblem(bundle, rules, now) }));
    const sound = judged.filter(({ problem }) => problem === undefined).map(({ bundle }) => bundle);
    const report = { predicateType, ...rule(sound, image) };
    const problems = new Set(judged.flatMap(({ problem }) => problem ?? []));
    if (report.met || problems.size === 0) return report;
    return { ...report, detail: [report.detail, ...problems].join(': ') };
  });
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
    return { met, detail: `no ${name} for ${missing.map((part) => part.name).join(', ') || 'the image'}` };
  };
}

/**
 * A statement that names platforms speaks for these only. One that names the index and none of its
 * platforms speaks for all of them, as those do that other tools attach to an index.
 */
function covers({ subjects }: Statement, platform: Digest, { root, platforms }: ImageShape): boolean {
  if (subjects.includes(platform)) return true;
  return subjects.includes(root.digest) && !platforms.some(({ descriptor }) => subjects.includes(descriptor.digest));
}
