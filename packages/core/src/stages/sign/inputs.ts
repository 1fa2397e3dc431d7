import { readFileSync } from 'node:fs';
import type { Inputs, Masker } from '../../github/inputs.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { PREDICATE_TYPES, predicateType } from '../../sigstore/predicates.ts';
import { keyVariable } from '../../tools/cosign-key.ts';
import type { ExtraPredicate } from './plan.ts';
import { LOG_MODES, type LogMode } from './transparency.ts';

/** The inputs that say how to sign, alike in the sign action and in the root action. */
export const SIGNING_INPUTS = [
  'attestations',
  'key',
  'transparency-log',
  'github-attestations',
  'legacy',
  'signing-config',
  'trusted-root',
] as const;

export interface SigningInputs {
  readonly attestations: readonly ExtraPredicate[];
  /** Path or URI of a private key. */
  readonly key: string | undefined;
  readonly transparencyLog: LogMode;
  /** Whether bundles are stored at GitHub too. */
  readonly githubAttestations: boolean;
  /** Whether the tags of cosign 1 and 2 are written too. */
  readonly legacy: boolean;
  /** Paths. */
  readonly signingConfig: string | undefined;
  readonly trustedRoot: string | undefined;
}

export interface SigningPorts {
  /** The job's environment, which may hold the key. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Masker;
}

/**
 * A key in a variable is a secret from here on, like the value of an input that is one.
 * @throws PlimsollError `input-*`, `file-unreadable`
 */
export function readSigningInputs(
  inputs: Inputs<(typeof SIGNING_INPUTS)[number]>,
  { env, secrets }: SigningPorts,
): SigningInputs {
  const variable = keyVariable(inputs.text('key'));
  if (variable !== undefined) secrets.mask(env[variable] ?? '');
  return {
    attestations: Object.entries(inputs.pairs('attestations')).map(([type, file]) => readPredicate(type, file)),
    key: inputs.text('key'),
    transparencyLog: inputs.choice('transparency-log', LOG_MODES),
    githubAttestations: readStore(inputs),
    legacy: inputs.boolean('legacy'),
    signingConfig: inputs.text('signing-config'),
    trustedRoot: inputs.text('trusted-root'),
  };
}

/** @throws PlimsollError `input-conflict`: the store wants to know whose workflow signed */
function readStore(inputs: Inputs<'github-attestations' | 'key'>): boolean {
  const store = inputs.boolean('github-attestations');
  if (!store || inputs.text('key') === undefined) return store;
  throw new PlimsollError('input-conflict', "GitHub's attestation store takes no signature of a key", {
    hint: 'Leave "key" out and give the job "id-token: write", or leave "github-attestations" out.',
  });
}

/** What sign says by itself, and only after it has seen the scan's answer. */
const RESERVED: readonly string[] = (['signature', 'verdict', 'exception'] as const).map(
  (name) => PREDICATE_TYPES[name],
);

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
