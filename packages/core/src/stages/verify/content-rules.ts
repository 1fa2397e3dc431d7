import type { Severity } from '../../policy/findings.ts';
import type { IdentityPattern } from '../../sigstore/identity-pattern.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { ImageShape } from './image.ts';
import type { Shortcoming } from './reasons.ts';

/** What the policy asks of the content of evidence. */
export interface ContentRules {
  /** Milliseconds by predicate type. */
  readonly maxAges?: Readonly<Record<string, number>>;
  /** One of these must be the builder of a provenance; anybody when empty. */
  readonly builderIds?: readonly IdentityPattern[];
  /** How many vulnerabilities a scan may have found; any number of a severity that is left out. */
  readonly maxFindings?: Readonly<Partial<Record<Severity, number>>>;
}

/** What a statement is held against. */
export interface Surroundings {
  readonly now: Date;
  readonly image: ImageShape;
  /** All of a wanted signer. */
  readonly accepted: readonly VerifiedBundle[];
}

export interface ContentProblem {
  readonly code: Shortcoming;
  /** Begins with a verb. */
  readonly text: string;
}

/** The value at a path of names; `undefined` where there is none. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  let current = value;
  for (const name of names) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, name);
  }
  return current;
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Empty for anything but a list. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
