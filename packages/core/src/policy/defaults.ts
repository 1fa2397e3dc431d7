import * as v from 'valibot';
import { type Digest, digestOf } from '../oci/digest.ts';
import { type Policy, policySchema } from './schema.ts';

/** What holds without a policy file: every default of the schema, and nothing else. */
export const defaultPolicy: Policy = Object.freeze(v.parse(policySchema, {}));

/** Names a policy in a verdict: over the file's bytes, so that anybody can compute it again. */
export function policyDigest(bytes: Uint8Array): Digest {
  return digestOf(bytes);
}

/** Names the defaults; it changes when a release changes one of them. */
export function defaultPolicyDigest(): Digest {
  return digestOf(Buffer.from(JSON.stringify(defaultPolicy)));
}
