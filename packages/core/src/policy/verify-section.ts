import * as v from 'valibot';
import { isFailure } from '../runtime/errors.ts';
import { compileNarrowExpression } from '../sigstore/identity-expression.ts';
import { compileIdentity, compileRef } from '../sigstore/identity-pattern.ts';
import { PREDICATE_TYPES, predicateType } from '../sigstore/predicates.ts';
import { parseDuration } from './duration.ts';
import { SEVERITIES, type Severity } from './findings.ts';
import { words } from './words.ts';

/** The policy's `verify` section. */
export interface VerifyPolicy {
  readonly issuer: string;
  /** Who may sign; empty means the caller derives it from the repository that runs the verification. */
  readonly identities: readonly string[];
  /** A regular expression in place of identities, matched against the whole of the identity or of the calling workflow. */
  readonly allowedIdentity: string | undefined;
  /** `owner/name` the signing workflow ran for. */
  readonly sourceRepository: string | undefined;
  /** Ref the signing workflow ran for. */
  readonly ref: string | undefined;
  /** GitHub's numbers, in digits. */
  readonly sourceRepositoryId: string | undefined;
  readonly sourceOwnerId: string | undefined;
  readonly runnerEnvironment: 'github-hosted' | 'self-hosted' | undefined;
  /** Events that may have started the signing run; any when empty. */
  readonly triggers: readonly string[];
  /** Whether every signature must stand in a transparency log; it must when nothing is said. */
  readonly transparencyLog: 'required' | 'optional' | undefined;
  /** Who may have built, as the provenance says it; anybody when empty. */
  readonly builderIds: readonly string[];
  /** Predicate types (URIs) of the statements that must be there. */
  readonly required: readonly string[];
  /** How old a statement may be, in milliseconds by predicate type. */
  readonly maxAges: Readonly<Record<string, number>>;
  /** How many vulnerabilities a scan may have found; any number of a severity that is left out. */
  readonly maxFindings: Readonly<Partial<Record<Severity, number>>>;
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

const predicate = v.pipe(
  v.string(),
  v.check(
    (name) => predicateType(name) !== undefined,
    `write a URI or one of: ${Object.keys(PREDICATE_TYPES).join(', ')}`,
  ),
  v.description('A statement that the image must carry, by its short name or the URI of its predicate type.'),
  v.transform((name) => predicateType(name) ?? name),
);

const identity = v.pipe(
  words,
  v.description(
    'Who may sign: the workflow file with its ref, as in the certificate; * within a segment, ** for any text.',
  ),
  usable(compileIdentity),
);

const expression = v.pipe(
  words,
  v.description(
    'In place of identities: a regular expression for the whole identity, or for the workflow file that called it; it begins with scheme, host and owner. Any repository of the owner of source-repository may have signed.',
  ),
  usable(compileNarrowExpression),
);

const ref = v.pipe(
  words,
  v.description('The full ref the signing workflow ran for, such as refs/heads/main or refs/tags/v*.'),
  usable(compileRef),
);

const runner = v.pipe(
  v.picklist(['github-hosted', 'self-hosted']),
  v.description('Where the signing run must have been: on a runner of GitHub, or of your own.'),
);

const logging = v.pipe(
  v.picklist(['required', 'optional']),
  v.description(
    'required: every signature must stand in a transparency log. optional: the word of a timestamp authority is enough, as for private repositories.',
  ),
);

const trigger = v.pipe(
  v.string(),
  v.regex(/^[a-z_]+$/, 'write the name of an event, such as push'),
  v.description('Event that may have started the signing run, such as push; any when none is listed.'),
);

const builder = v.pipe(
  words,
  v.description(
    'Who may have built, as runDetails.builder.id of the provenance says it; wildcards as in identities, anybody when none is listed.',
  ),
  usable(compileIdentity),
);

const number = v.pipe(
  v.union([v.pipe(v.number(), v.integer(), v.minValue(1)), v.pipe(v.string(), v.regex(/^[1-9]\d*$/))]),
  v.description(
    "GitHub's number of the repository or owner (gh api repos/OWNER/NAME): a name can be taken over, a number cannot.",
  ),
  v.transform(String),
);

const age = v.pipe(
  words,
  v.check((text) => parseDuration(text) !== undefined, 'write a number and s, m, h, d or w, such as 30d'),
  v.description('How long ago it may have been signed, by the time that the timestamp authority proved.'),
  v.transform((text) => parseDuration(text) ?? 0),
);

const requirement = v.union([
  v.pipe(
    predicate,
    v.transform((type) => ({ type, maxAge: undefined })),
  ),
  v.pipe(
    v.strictObject({ type: predicate, 'max-age': v.optional(age) }),
    v.transform(({ type, 'max-age': maxAge }) => ({ type, maxAge })),
  ),
]);

const maxFindings = v.pipe(
  v.record(
    v.picklist(SEVERITIES),
    v.pipe(v.number(), v.integer(), v.minValue(0), v.description('The most vulnerabilities of this severity.')),
  ),
  v.description(
    'How many vulnerabilities the scan verdict or the vulnerability result may count, by severity, such as { critical: 0 }; suppressed ones count too.',
  ),
);

/** What the compiler of a rule says against it, said where the rule stands in the file. */
function usable(compile: (text: string, code: 'policy-invalid') => unknown) {
  return v.rawCheck<string>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      compile(dataset.value, 'policy-invalid');
    } catch (error) {
      if (!isFailure(error)) throw error;
      addIssue({ message: `${error.message}. ${error.hint}` });
    }
  });
}

/** The `verify:` section of the policy file. */
export const verifySection = v.pipe(
  v.strictObject({
    issuer: v.optional(v.pipe(v.string(), v.url()), GITHUB_ISSUER),
    identities: v.optional(v.array(identity), []),
    'allowed-identity-regex': v.optional(expression),
    'source-repository': v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[\w.-]+\/(?:[\w.-]+|\*)$/, 'write owner/name, or owner/* for any repository of that owner'),
      ),
    ),
    ref: v.optional(ref),
    'source-repository-id': v.optional(number),
    'source-owner-id': v.optional(number),
    'runner-environment': v.optional(runner),
    triggers: v.optional(v.array(trigger), []),
    'transparency-log': v.optional(logging),
    'builder-ids': v.optional(v.array(builder), []),
    'max-findings': v.optional(maxFindings, {}),
    required: v.optional(v.array(requirement), ['signature', 'slsaprovenance1', 'spdx', 'verdict']),
  }),
  v.transform(
    (section): VerifyPolicy => ({
      issuer: section.issuer,
      identities: section.identities,
      allowedIdentity: section['allowed-identity-regex'],
      sourceRepository: section['source-repository'],
      ref: section.ref,
      sourceRepositoryId: section['source-repository-id'],
      sourceOwnerId: section['source-owner-id'],
      runnerEnvironment: section['runner-environment'],
      triggers: section.triggers,
      transparencyLog: section['transparency-log'],
      builderIds: section['builder-ids'],
      maxFindings: section['max-findings'],
      required: section.required.map(({ type }) => type),
      maxAges: Object.fromEntries(
        section.required.flatMap(({ type, maxAge }) => (maxAge === undefined ? [] : [[type, maxAge]])),
      ),
    }),
  ),
);
