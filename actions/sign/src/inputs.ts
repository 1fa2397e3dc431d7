import { readFileSync } from 'node:fs';
import type { ActionContext } from '@plimsoll/core/github/action';
import { type Digest, parseDigest } from '@plimsoll/core/oci/digest';
import { parseRepositoryName, type RepositoryName } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { PREDICATE_TYPES, predicateType } from '@plimsoll/core/sigstore/predicates';
import { type ExtraPredicate, type VerdictSource, verdictSource } from '@plimsoll/core/stages/sign';

/** Every input that action.yml declares. */
export const INPUTS = [
  'image',
  'digest',
  'verdict',
  'attestations',
  'bundles',
  'move-tags',
  'policy',
  'certificate-oidc-issuer',
  'signing-config',
  'trusted-root',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type SignContext = ActionContext<(typeof INPUTS)[number]>;

export interface SignInputs {
  readonly image: RepositoryName;
  readonly digest: Digest;
  readonly verdict: VerdictSource;
  readonly attestations: readonly ExtraPredicate[];
  /** Paths. */
  readonly keptBundles: string | undefined;
  /** Verify what was signed, and write the tags that the build left pending. */
  readonly moveTags: boolean;
  readonly issuer: string | undefined;
  readonly signingConfig: string | undefined;
  readonly trustedRoot: string | undefined;
  readonly dryRun: boolean;
}

/** @throws PlimsollError `input-*`, `reference-invalid`, `digest-invalid`, `file-unreadable` */
export function readSignInputs({ inputs }: SignContext): SignInputs {
  return Object.freeze({
    image: parseRepositoryName(inputs.required('image')),
    digest: parseDigest(inputs.required('digest')),
    verdict: verdictSource(inputs.text('verdict')),
    attestations: Object.entries(inputs.pairs('attestations')).map(([type, file]) => readPredicate(type, file)),
    keptBundles: inputs.text('bundles'),
    moveTags: inputs.boolean('move-tags'),
    issuer: inputs.text('certificate-oidc-issuer'),
    signingConfig: inputs.text('signing-config'),
    trustedRoot: inputs.text('trusted-root'),
    dryRun: inputs.boolean('dry-run'),
  });
}

/** What this action says by itself, and only after it has seen the scan's answer. */
const RESERVED: readonly string[] = [PREDICATE_TYPES.signature, PREDICATE_TYPES.verdict];

function readPredicate(name: string, file: string): ExtraPredicate {
  const type = predicateType(name);
  if (type === undefined || RESERVED.includes(type)) {
    const why = type === undefined ? 'is not known' : 'is reserved';
    throw new PlimsollError(
      'input-invalid',
      `The input "attestations" has the type "${name.slice(0, 100)}", which ${why}`,
      {
        hint: 'Write spdx, cyclonedx, openvex, vuln, test-result or a whole URI before the "=".',
      },
    );
  }
  try {
    const predicate: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return { predicateType: type, predicate };
  } catch (cause) {
    throw new PlimsollError('file-unreadable', `The predicate ${file} cannot be read as JSON`, {
      hint: `Check the path after "${name}=" in the input "attestations"; it is relative to the workspace.`,
      cause,
    });
  }
}
