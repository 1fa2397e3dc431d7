import type { KeyObject } from 'node:crypto';
import path from 'node:path';
import type { ActionContext } from '../../github/action.ts';
import { attestationStore } from '../../github/attestations.ts';
import { toolPorts } from '../../github/tool-ports.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { SignPorts, SignRepository, SignRequest } from '../sign.ts';
import { trustOf } from '../verify/trust.ts';
import { cosignAttest } from './cosign.ts';
import { keySigner, parsePublicKey, withKey } from '../../sigstore/key-signer.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import { readPublicKey } from '../../tools/cosign.ts';
import type { SigningInputs } from './inputs.ts';

/** The signing of one action, bound to its run, its tools and its Sigstore. */
export interface Signing {
  /** What every request says alike. */
  readonly request: (
    digest: Digest,
  ) => Pick<SignRequest, 'digest' | 'attestations' | 'run' | 'bundleDirectory' | 'transparencyLog' | 'legacy'>;
  readonly ports: (repository: SignRepository) => SignPorts;
  /** With the key, where a key signs. */
  readonly trust: SignPorts['trust'];
  readonly key: SignPorts['key'];
}

/** Nothing is asked for and nothing is fetched before the signing begins. */
export function createSigning(given: SigningInputs, context: ActionContext<never>): Signing {
  const { github, log } = context;
  const cosign = toolPorts(context);
  const { key } = given;
  const publicKey = once(async () => parsePublicKey(await readPublicKey(key ?? '', cosign)));
  const authorities = trustOf(given.trustedRoot, cosign);
  const trust = key === undefined ? authorities : once(() => withOwnKey(authorities, publicKey));
  const signer = key === undefined ? undefined : async () => keySigner(await publicKey());
  return {
    trust,
    key: signer,
    request: (digest) => ({
      digest,
      attestations: given.attestations,
      run: github,
      transparencyLog: given.transparencyLog,
      legacy: given.legacy,
      bundleDirectory: path.join(github.tempDir, 'plimsoll-sign', hexOf(digest).slice(0, 12)),
    }),
    ports: (repository) => ({
      repository,
      identityToken: () => context.idToken('sigstore'),
      attest: cosignAttest(cosign, { signingConfig: given.signingConfig, trust, key }),
      key: signer,
      store: given.githubAttestations ? attestationStore(context.api(), github.repository) : undefined,
      trust,
      log,
    }),
  };
}

async function withOwnKey(authorities: () => Promise<Trust>, publicKey: () => Promise<KeyObject>): Promise<Trust> {
  const [trust, key] = await Promise.all([authorities(), publicKey()]);
  return { ...trust, material: withKey(trust.material, key) };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}
