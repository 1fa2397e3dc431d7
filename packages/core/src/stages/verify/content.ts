import type { IdentityPattern } from '../../sigstore/identity-pattern.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';

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

/** What is wrong with one genuine statement of a wanted signer, beginning with what it is; `undefined` when nothing is. */
export function contentProblem(bundle: VerifiedBundle, rules: ContentRules, now: Date): string | undefined {
  const { predicateType } = bundle.statement;
  const problem =
    ageProblem(bundle, rules.maxAges?.[predicateType], now) ?? CONTENT.get(predicateType)?.(bundle, rules);
  return problem === undefined ? undefined : `the ${predicateName(predicateType)} ${problem}`;
}

type ContentCheck = (bundle: VerifiedBundle, rules: ContentRules) => string | undefined;

const CONTENT: ReadonlyMap<string, ContentCheck> = new Map<string, ContentCheck>([
  [PREDICATE_TYPES.spdx, ({ statement }) => emptyList(statement.predicate, 'packages')],
  [PREDICATE_TYPES.cyclonedx, ({ statement }) => emptyList(statement.predicate, 'components')],
  [PREDICATE_TYPES.slsaprovenance1, provenanceProblem],
]);

function ageProblem({ signedAt }: VerifiedBundle, limit: number | undefined, now: Date): string | undefined {
  if (limit === undefined) return undefined;
  const age = now.getTime() - signedAt.getTime();
  if (age < -CLOCK_SKEW_MS) return `was signed at ${signedAt.toISOString()}, which is later than this machine's clock`;
  if (age <= limit) return undefined;
  return `of ${signedAt.toISOString()} is ${days(age)} days old, older than ${days(limit)}`;
}

function days(milliseconds: number): string {
  return String(Math.round((milliseconds / DAY_MS) * 10) / 10);
}

function emptyList(predicate: unknown, name: string): string | undefined {
  const list = at(predicate, name);
  return Array.isArray(list) && list.length > 0 ? undefined : `lists no ${name}`;
}

function provenanceProblem(
  { statement, signer }: VerifiedBundle,
  { builderIds = [] }: ContentRules,
): string | undefined {
  const builder = text(at(statement.predicate, 'runDetails', 'builder', 'id'));
  if (builderIds.length > 0 && !builderIds.some((pattern) => pattern.matches(builder))) {
    return `names the builder ${builder || 'nobody'}, not ${builderIds.map((pattern) => pattern.text).join(' or ')}`;
  }
  const commit = commitOf(statement.predicate);
  if (commit === undefined || signer.sourceDigest === undefined || commit === signer.sourceDigest) return undefined;
  return `is of commit ${commit}, but was signed by a run for ${signer.sourceDigest}`;
}

/** Where BuildKit writes the commit of a build context that is a git checkout; absent when it did not know. */
function commitOf(predicate: unknown): string | undefined {
  const metadata = at(predicate, 'runDetails', 'metadata');
  const revision = text(at(metadata, 'buildkit_metadata', 'vcs', 'revision'));
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

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
