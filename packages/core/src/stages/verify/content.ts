import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { ContentProblem, ContentRules, Surroundings } from './content-rules.ts';
import { provenanceProblem } from './provenance.ts';
import { sbomProblem } from './sbom-content.ts';
import { scanProblem, verdictProblem } from './scan-content.ts';

const DAY_MS = 86_400_000;
/** Clocks differ; more than this between ours and the timestamp authority's, and no age can be told. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** What is wrong with one genuine statement of a wanted signer, beginning with what it is; `undefined` when nothing is. */
export function contentProblem(
  bundle: VerifiedBundle,
  rules: ContentRules,
  around: Surroundings,
): ContentProblem | undefined {
  const { predicateType } = bundle.statement;
  const problem =
    ageProblem(bundle, rules.maxAges?.[predicateType], around.now) ??
    CONTENT.get(predicateType)?.(bundle, rules, around);
  return problem && { ...problem, text: `the ${predicateName(predicateType)} ${problem.text}` };
}

type ContentCheck = (bundle: VerifiedBundle, rules: ContentRules, around: Surroundings) => ContentProblem | undefined;

const CONTENT: ReadonlyMap<string, ContentCheck> = new Map<string, ContentCheck>([
  [PREDICATE_TYPES.spdx, (bundle, _rules, around) => sbomProblem(bundle, around)],
  [PREDICATE_TYPES.cyclonedx, (bundle, _rules, around) => sbomProblem(bundle, around)],
  [PREDICATE_TYPES.slsaprovenance1, provenanceProblem],
  [PREDICATE_TYPES.vuln, scanProblem],
  [PREDICATE_TYPES.verdict, verdictProblem],
]);

function ageProblem({ signedAt }: VerifiedBundle, limit: number | undefined, now: Date): ContentProblem | undefined {
  if (limit === undefined) return undefined;
  const age = now.getTime() - signedAt.getTime();
  const when = signedAt.toISOString();
  if (age < -CLOCK_SKEW_MS) {
    return { code: 'in-future', text: `was signed at ${when}, which is later than this machine's clock` };
  }
  if (age <= limit) return undefined;
  return { code: 'too-old', text: `of ${when} is ${days(age)} days old, older than ${days(limit)}` };
}

function days(milliseconds: number): string {
  return String(Math.round((milliseconds / DAY_MS) * 10) / 10);
}
