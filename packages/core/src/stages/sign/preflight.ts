import type { Log } from '../../runtime/log.ts';
import type { IdentityPolicy } from '../../sigstore/identity.ts';
import { identityMismatch } from '../../sigstore/identity-mismatch.ts';
import type { Signer } from '../../sigstore/signer.ts';
import { expectedSigner, isSameSigner } from '../../sigstore/token-identity.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import type { SignPorts, SignRequest } from '../sign.ts';
import { type ImageShape, readImageShape } from '../verify/image.ts';
import { type BuildRun, buildRunOf } from './build-run.ts';
import { decideLog } from './transparency.ts';
import { verdictIdentity } from './verdict-identity.ts';

/** What is known before anything is signed. */
export interface Ready {
  readonly image: ImageShape;
  readonly trust: Trust;
  /** Absent on a dry run, and where a key signs. */
  readonly identityToken: string | undefined;
  readonly log: boolean;
  readonly run: BuildRun;
  /** Whose signed verdict counts, where one is looked for. */
  readonly verdictBy: IdentityPolicy;
  readonly isOurs: (signer: Signer) => boolean;
}

/**
 * Everything that could keep the result from being attached is found out here, where nothing is public yet.
 * @throws PlimsollError `oidc-unavailable`, `oidc-failed`, `key-unusable`, `registry-not-found`, `trust-root`, `attestations-denied`, and what a
 *   push would fail with
 */
export async function preflight(request: SignRequest, ports: SignPorts): Promise<Ready> {
  const { run, dryRun, transparencyLog = 'auto' } = request;
  const identityToken = dryRun || ports.key !== undefined ? undefined : await ports.identityToken();
  const [image, trust, key] = await Promise.all([
    readImageShape(ports.repository, request.digest),
    ports.trust(),
    ports.key?.(),
    dryRun ? undefined : ports.store?.assertOpen(request.digest),
    dryRun ? undefined : ports.repository.canPush(),
  ]);
  const workflow = identityToken === undefined ? undefined : expectedSigner(identityToken, run.serverUrl);
  const expected = key ?? workflow;
  const verdictBy = verdictIdentity(expected, run);
  const isOurs = (signer: Signer) =>
    expected === undefined ? identityMismatch(verdictBy, signer) === undefined : isSameSigner(expected, signer);
  const { log, why } = decideLog(transparencyLog, run.event, identityToken);
  if (!log) tellUnlogged(ports.log, { why, certificate: key === undefined && trust.isPublic });
  return { image, trust, verdictBy, isOurs, run: buildRunOf(run, workflow), identityToken, log };
}

/** What still becomes public must not be a surprise. */
function tellUnlogged(log: Log, { why, certificate }: { readonly why: string; readonly certificate: boolean }): void {
  log.notice(`Nothing goes to the transparency log: ${why}. A timestamp authority proves the time.`);
  if (!certificate) return;
  log.warning(
    'The public certificate authority lists its certificates publicly, with repository, workflow and commit. Give "key", or "signing-config" and "trusted-root" of a private instance, where that must not be known.',
  );
}
