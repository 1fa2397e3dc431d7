import { keySigner } from './key-signer.ts';
import type { Signer as VerifiedSigner } from '@sigstore/verify';

/**
 * Who signed, as Fulcio's certificate says it. Each field but the first two comes from one
 * extension of the certificate (Fulcio, docs/oid-info.md); a certificate that was not issued to a
 * CI job has none of them.
 */
export interface Signer {
  /** The OpenID Connect issuer, such as `https://token.actions.githubusercontent.com`; `key` for a bare key. */
  readonly issuer: string;
  /** The subject alternative name: for GitHub the workflow file that ran, with its ref; the fingerprint of a key. */
  readonly identity: string;
  readonly buildSignerDigest?: string;
  readonly runnerEnvironment?: string;
  /** `https://github.com/owner/name`: the repository whose run this was, also for a shared workflow. */
  readonly sourceRepository?: string;
  readonly sourceDigest?: string;
  readonly sourceRef?: string;
  readonly sourceRepositoryId?: string;
  readonly sourceOwnerId?: string;
  readonly buildConfig?: string;
  readonly trigger?: string;
  readonly runInvocation?: string;
}

type ExtensionField = Exclude<keyof Signer, 'issuer' | 'identity'>;

const FULCIO_ARC = '1.3.6.1.4.1.57264.1.';
const EXTENSIONS: Readonly<Record<string, ExtensionField>> = {
  '10': 'buildSignerDigest',
  '11': 'runnerEnvironment',
  '12': 'sourceRepository',
  '13': 'sourceDigest',
  '14': 'sourceRef',
  '15': 'sourceRepositoryId',
  '17': 'sourceOwnerId',
  '18': 'buildConfig',
  '20': 'trigger',
  '21': 'runInvocation',
};

/** `undefined` when the certificate names nobody. A bare key is named by its fingerprint. */
export function readSigner({ identity, key }: VerifiedSigner, isKey: boolean): Signer | undefined {
  if (isKey) return keySigner(key);
  const issuer = identity?.extensions?.issuer;
  const name = identity?.subjectAlternativeName;
  if (!issuer || !name) return undefined;
  const fields = (identity?.oids ?? []).flatMap(({ oid, value }) => {
    const field = EXTENSIONS[(oid?.id ?? []).join('.').replace(FULCIO_ARC, '')];
    const text = field === undefined ? undefined : utf8String(value);
    return field === undefined || text === undefined ? [] : [[field, text] as const];
  });
  return { issuer, identity: name, ...Object.fromEntries(fields) };
}

/** DER UTF8String with a definite length; anything else is no value, so that a policy on it fails. */
function utf8String(der: Buffer): string | undefined {
  const first = der[1];
  if (der[0] !== 0x0c || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 2) return undefined;
  const length = lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes);
  const content = der.subarray(2 + lengthBytes);
  return content.length === length ? content.toString('utf8') : undefined;
}
