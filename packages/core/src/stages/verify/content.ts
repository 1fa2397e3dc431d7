import type { IdentityPattern } from '../../sigstore/identity-pattern.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { Shortcoming } from './reasons.ts';

/** What the policy asks of the content of evidence. */
export interface ContentRules {
  /** Milliseconds by predicate type. */
  readonly maxAges?: Readonly<Record<string, number>>;
  /** One of these must be the builder of a provenance; anybody when empty. */
  readonly builderIds?: readonly IdentityPattern[];
}

const DAY_MS = 86_400_000;
/** Clocks differ; more than this between ours and the timestamp authority's, and no age can be told. */
const CLOCK_SKEW_MS = 5 * 60_000;

export interface ContentProblem {
  readonly code: Shortcoming;
  /** Begins with a verb. */
  readonly text: string;
}

/** What is wrong with one genuine statement of a wanted signer, beginning with what it is; `undefined` when nothing is. */
export function contentProblem(bundle: VerifiedBundle, rules: ContentRules, now: Date): ContentProblem | undefined {
  const { predicateType } = bundle.statement;
  const problem =
    ageProblem(bundle, rules.maxAges?.[predicateType], now) ?? CONTENT.get(predicateType)?.(bundle, rules);
  return problem === undefined
    ? undefined
    : { ...problem, text: `the ${predicateName(predicateType)} ${problem.text}` };
}

type ContentCheck = (bundle: VerifiedBundle, rules: ContentRules) => ContentProblem | undefined;

const CONTENT: ReadonlyMap<string, ContentCheck> = new Map<string, ContentCheck>([
  [PREDICATE_TYPES.spdx, ({ statement }) => emptyList(statement.predicate, 'packages')],
  [PREDICATE_TYPES.cyclonedx, ({ statement }) => emptyList(statement.predicate, 'components')],
  [PREDICATE_TYPES.slsaprovenance1, provenanceProblem],
]);

function ageProblem({ signedAt }: VerifiedBundle, limit: number | undefined, now: Date): ContentProblem | undefined {
  if (limit === undefined) return undefined;
  const age = now.getTime() - signedAt.getTime();
  if (age < -CLOCK_SKEW_MS)
    return {
      code: 'in-future',
      text: `was signed at ${signedAt.toISOString()}, which is later than this machine's clock`,
    };
  if (age <= limit) return undefined;
  return { code: 'too-old', text: `of ${signedAt.toISOString()} is ${days(age)} days old, older than ${days(limit)}` };
}

function days(milliseconds: number): string {
  return String(Math.round((milliseconds / DAY_MS) * 10) / 10);
}

function emptyList(predicate: unknown, name: string): ContentProblem | undefined {
  const list = at(predicate, name);
  return Array.isArray(list) && list.length > 0 ? undefined : { code: 'sbom-empty', text: `lists no ${name}` };
}

function provenanceProblem(
  { statement, signer }: VerifiedBundle,
  { builderIds = [] }: ContentRules,
): ContentProblem | undefined {
  const builder = asText(at(statement.predicate, 'runDetails', 'builder', 'id'));
  if (builderIds.length > 0 && !builderIds.some((pattern) => pattern.matches(builder))) {
    const wanted = builderIds.map((pattern) => pattern.text).join(' or ');
    return { code: 'builder', text: `names the builder ${builder || 'nobody'}, not ${wanted}` };
  }
  const commit = commitOf(statement.predicate);
  if (commit === undefined || signer.sourceDigest === undefined || commit === signer.sourceDigest) return undefined;
  const text = `is of commit ${commit}, but was signed by a run for ${signer.sourceDigest}`;
  return { code: 'provenance-commit', text };
}

/** Where BuildKit writes the commit of a build context that is a git checkout; absent when it did not know. */
function commitOf(predicate: unknown): string | undefined {
  const metadata = at(predicate, 'runDetails', 'metadata');
  const revision = asText(at(metadata, 'buildkit_metadata', 'vcs', 'revision'));
  // A context with changes is no commit at all, and BuildKit says so.
  return /^[0-9a-f]{40}(?:-dirty)?$/.test(revision) ? revision : undefined;
}

function at(value: unknown, ...names: readonly string[]): unknown {
  let current = value;
  for (const name of names) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, name);
  }
  return current;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
