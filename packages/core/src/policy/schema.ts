import * as v from 'valibot';
import { compileIdentity, compileRef } from '../sigstore/identity-pattern.ts';
import { PREDICATE_TYPES, predicateType } from '../sigstore/predicates.ts';
import { isFailure } from '../runtime/errors.ts';
import { parseDuration } from './duration.ts';
import { SEVERITIES, type Severity } from './findings.ts';
import type { ScanRules, Suppression } from './gate.ts';
import { limitsSection } from './limits.ts';
import { retentionSection } from './retention-section.ts';
import { tagsSection } from './tags.ts';

/** The policy's `scan` section: what the gate applies, and how old the knowledge it rests on may be. */
export interface ScanPolicy extends ScanRules {
  /** Milliseconds. A scan on older vulnerability data is incomplete. */
  readonly databaseMaxAge: number;
}

/** The policy's `verify` section. */
export interface VerifyPolicy {
  readonly issuer: string;
  /** Who may sign; empty means the caller derives it from the repository that runs the verification. */
  readonly identities: readonly string[];
  /** `owner/name` the signing workflow ran for. */
  readonly sourceRepository: string | undefined;
  /** Ref the signing workflow ran for. */
  readonly ref: string | undefined;
  /** Predicate types (URIs) of the statements that must be there. */
  readonly required: readonly string[];
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
const BLOCKING = ['HIGH', 'CRITICAL'] as const;

const severity = v.pipe(
  v.picklist([...SEVERITIES.map((name) => name.toUpperCase()), ...SEVERITIES]),
  v.transform((name) => name.toLowerCase() as Severity),
);

const severities = v.pipe(
  v.optional(v.array(severity), [...BLOCKING]),
  v.description('Findings of these severities block.'),
);

const duration = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== undefined, 'write a whole number and s, m, h, d or w, such as 12h or 2d'),
  v.description('A whole number and s, m, h, d or w, such as 12h or 2d.'),
  v.transform((text) => parseDuration(text) ?? 0),
);

const day = v.pipe(
  v.string(),
  v.check(isDay, 'write a day that exists, as YYYY-MM-DD'),
  v.description('YYYY-MM-DD: the first day, in UTC, on which the suppression no longer holds.'),
);

const words = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'));

const suppression = v.strictObject({
  id: v.pipe(
    words,
    v.description('An advisory id or alias, the id of a misconfiguration, or the fingerprint of a secret.'),
  ),
  reason: v.pipe(words, v.description('Why this is acceptable, for those who read it later.')),
  expires: day,
  package: v.optional(
    v.pipe(words, v.description('Limits it to one package: its name, or its package URL without version.')),
  ),
});

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

const ref = v.pipe(
  words,
  v.description('The full ref the signing workflow ran for, such as refs/heads/main or refs/tags/v*.'),
  usable(compileRef),
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

/** The `scan:` section of the policy file. */
export const scanSection = v.pipe(
  v.strictObject({
    severity: severities,
    'fixable-only': v.optional(
      v.pipe(v.boolean(), v.description('Let a vulnerability without a known fix pass.')),
      false,
    ),
    misconfiguration: v.optional(v.strictObject({ severity: severities }), {}),
    'database-max-age': v.optional(duration, '48h'),
    suppressions: v.optional(v.array(suppression), []),
  }),
  v.transform(
    (section): ScanPolicy => ({
      severities: section.severity,
      fixableOnly: section['fixable-only'],
      misconfigurations: section.misconfiguration.severity,
      databaseMaxAge: section['database-max-age'],
      suppressions: section.suppressions.map(withoutAbsent),
    }),
  ),
);

/** The `verify:` section of the policy file. */
export const verifySection = v.pipe(
  v.strictObject({
    issuer: v.optional(v.pipe(v.string(), v.url()), GITHUB_ISSUER),
    identities: v.optional(v.array(identity), []),
    'source-repository': v.optional(v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, 'write owner/name'))),
    ref: v.optional(ref),
    required: v.optional(v.array(predicate), ['signature', 'slsaprovenance1', 'spdx', 'verdict']),
  }),
  v.transform(
    (section): VerifyPolicy => ({
      issuer: section.issuer,
      identities: section.identities,
      sourceRepository: section['source-repository'],
      ref: section.ref,
      required: section.required,
    }),
  ),
);

/** The whole file. Unknown keys are errors: a mistyped rule that is silently ignored is a gate left open. */
export const policySchema = v.strictObject({
  scan: v.optional(scanSection, {}),
  verify: v.optional(verifySection, {}),
  tags: v.optional(tagsSection, {}),
  retention: v.optional(retentionSection),
  limits: v.optional(limitsSection, {}),
});

export type Policy = Readonly<v.InferOutput<typeof policySchema>>;

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function withoutAbsent({ package: name, ...rest }: v.InferOutput<typeof suppression>): Suppression {
  return name === undefined ? rest : { ...rest, package: name };
}
