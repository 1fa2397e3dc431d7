import { readFile } from 'node:fs/promises';
import { PlimsollError } from '../../runtime/errors.ts';
import { keyIdentity, keySigner, parsePublicKey, withKey } from '../../sigstore/key-signer.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import type { VerifyRules } from './rules.ts';

interface Trusted {
  readonly rules: VerifyRules;
  readonly trust: () => Promise<Trust>;
}

/**
 * Trusts the holder of one key in place of a workflow's identity: what the policy says about workflows cannot be said of a key.
 * @param file PEM of the public key
 * @throws PlimsollError `file-unreadable`, `key-unusable`
 */
export async function trustKey(file: string, { rules, trust }: Trusted): Promise<Trusted> {
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PlimsollError('file-unreadable', `The public key ${file} cannot be read`, {
      hint: 'Check the path given as "key"; it is relative to the workspace.',
      cause,
    });
  });
  const key = parsePublicKey(pem);
  const keyed = async () => {
    const known = await trust();
    return { ...known, material: withKey(known.material, key) };
  };
  const identity = keyIdentity(keySigner(key).identity);
  return { rules: { ...rules, identity, identitySource: 'the input "key"' }, trust: keyed };
}
