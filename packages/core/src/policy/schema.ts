import * as v from 'valibot';
import { compileIdentity, compileRef } from '../sigstore/identity-pattern.ts';
import { PREDICATE_TYPES, predicateType } from '../sigstore/predicates.ts';
import { isFailure } from '../runtime/errors.ts';
import { limitsSection } from './limits.ts';
import { retentionSection } from './retention-section.ts';
import { scanSection } from './scan-section.ts';
import { tagsSection } from './tags.ts';
import { words } from './words.ts';

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
