import path from 'node:path';
import type { ActionContext } from '../../github/action.ts';
import { toolPorts } from '../../github/tool-ports.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { SignPorts, SignRepository, SignRequest } from '../sign.ts';
import { trustOf } from '../verify/trust.ts';
import { cosignAttest } from './cosign.ts';
import type { SigningInputs } from './inputs.ts';

/** The signing of one action, bound to its run, its tools and its Sigstore. */
export interface Signing {
  /** What every request says alike. */
  readonly request: (digest: Digest) => Pick<SignRequest, 'digest' | 'attestations' | 'run' | 'bundleDirectory'>;
  readonly ports: (repository: SignRepository) => SignPorts;
}

/** Nothing is asked for and nothing is fetched before the signing begins. */
export function createSigning(given: SigningInputs, context: ActionContext<never>): Signing {
  const { github, log } = context;
  const cosign = toolPorts(context);
  const trust = trustOf(given.trustedRoot, cosign);
  return {
    request: (digest) => ({
      digest,
      attestations: given.attestations,
      run: github,
      bundleDirectory: path.join(github.tempDir, 'plimsoll-sign', hexOf(digest).slice(0, 12)),
    }),
    ports: (repository) => ({
      repository,
      identityToken: () => context.idToken('sigstore'),
      attest: cosignAttest(cosign, { signingConfig: given.signingConfig, trust }),
      trust,
      log,
    }),
  };
}
