import type { ContentTarget } from '../oci/content.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { attachReferrers } from '../oci/referrers.ts';
import type { Log } from '../runtime/log.ts';
import type { IdentityPolicy } from '../sigstore/identity.ts';
import { identityMismatch } from '../sigstore/identity-mismatch.ts';
import type { Signer } from '../sigstore/signer.ts';
import { type ExpectedSigner, expectedSigner, isSameSigner } from '../sigstore/token-identity.ts';
import type { Trust } from '../sigstore/trusted-root.ts';
import type { VerifiedBundle } from '../sigstore/verify.ts';
import { type AttachReferrers, attachBundles } from './sign/attach.ts';
import { type BuildRun, buildRunOf, type SigningRun } from './sign/build-run.ts';
import { readBuildStatements } from './sign/buildkit.ts';
import { describeBuild } from './sign/describe-build.ts';
import { type Allow, exceptionPredicate } from './sign/exception.ts';
import { existingBundles } from './sign/existing.ts';
import { keptBundles } from './sign/kept.ts';
import { type Attest, makeBundles } from './sign/make.ts';
import { type ExtraPredicate, type PlannedAttestation, planAttestations } from './sign/plan.ts';
import { describeSigning, type SignResult } from './sign/result.ts';
import type { ScanEvidence, VerdictSource } from './sign/scan-evidence.ts';
import { judgeScan, type ScanSearch } from './sign/scan-source.ts';
import { DEFAULT_SCOPE, type Scope, signedParts } from './sign/scope.ts';
import { decideLog, type LogMode } from './sign/transparency.ts';
import { attachmentsOf, type SignStep, stepsOf } from './sign/steps.ts';
import { verdictIdentity } from './sign/verdict-identity.ts';
import { discoverBundles } from './verify/discover.ts';
import { type ImageShape, readImageShape } from './verify/image.ts';
import { createProver } from './verify/prove.ts';

export type { ExtraPredicate } from './sign/plan.ts';
export type { SignResult } from './sign/result.ts';
export type { VerdictSource } from './sign/scan-evidence.ts';

export interface SignRequest {
  readonly digest: Digest;
  readonly verdict: VerdictSource;
  /** The policy that must have judged, as the verdict names it; any when absent. */
  readonly policyDigest?: Digest | undefined;
  readonly attestations: readonly ExtraPredicate[];
  /** Whether the signatures go to a transparency log; by the repository's visibility unless given. */
  readonly transparencyLog?: LogMode;
  /** What gets a signature of its own; the root and its platforms unless given. */
  readonly scope?: Scope;
  /** The run that signs, and that provenance is completed with. */
  readonly run: SigningRun;
  /** Where the new bundles are kept. */
  readonly bundleDirectory: string;
  /** Where an earlier run kept those that it could not attach, beside that. */
  readonly keptBundles?: string | undefined;
  readonly dryRun: boolean;
}

/** A repository that can say before anything is signed whether it would take the result. */
export interface SignRepository extends ContentTarget {
  /** @throws PlimsollError what a push would fail with */
  canPush(): Promise<void>;
}

export interface SignPorts {
  readonly repository: SignRepository;
  /** Called once, and not on a dry run. @throws PlimsollError `oidc-unavailable`, `oidc-failed` */
  readonly identityToken: () => Promise<string>;
  readonly attest: Attest;
  /** Who signs when it is a key: then no token is asked for, and `trust` has the key. @throws PlimsollError `key-unusable` */
  readonly key?: (() => Promise<ExpectedSigner>) | undefined;
  readonly trust: () => Promise<Trust>;
  readonly log: Log;
  readonly attach?: AttachReferrers;
  /** Asked only where the scan did not pass. */
  readonly allow?: Allow;
  /** Told where the new bundles are before they are attached: they must be found when that fails. */
  readonly onKept?: (directory: string) => void;
}

/**
 * Signs an image and everything that is known about it: preflight, plan, sign, verify, attach. Nothing reaches
 * the public log before it is certain that the image passed its scan and that the registry takes the result.
 *
 * @throws PlimsollError `oidc-unavailable`, `oidc-failed`, `verdict-missing`, `verdict-mismatch`, `verdict-policy`, `verdict-secrets`, `verdict-not-pass`,
 *   `registry-not-found`, `trust-root`, `sign-failed`, `attach-lost`, and what the registry and the tool throw
 */
export async function signDigest(request: SignRequest, ports: SignPorts): Promise<SignResult> {
  const ready = await preflight(request, ports);
  const steps = await plan(request, ports, ready);
  const due = steps.filter(({ existing }) => existing === undefined).map(({ planned }) => planned);
  const made = await sign(due, ports, {
    ...ready,
    directory: request.bundleDirectory,
    dryRun: request.dryRun,
  });
  if (made.size > 0) ports.onKept?.(request.bundleDirectory);
  if (!request.dryRun) {
    const { repository, attach = attachReferrers } = ports;
    await attachBundles(repository, attachmentsOf(steps, made), attach);
  }
  const directory = made.size === 0 ? undefined : request.bundleDirectory;
  return describeSigning({ request, repository: ports.repository.label, steps, made, trust: ready.trust, directory });
}

interface Ready {
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

async function preflight(request: SignRequest, ports: SignPorts): Promise<Ready> {
  const { run, dryRun, transparencyLog = 'auto' } = request;
  const identityToken = dryRun || ports.key !== undefined ? undefined : await ports.identityToken();
  const [image, trust, key] = await Promise.all([
    readImageShape(ports.repository, request.digest),
    ports.trust(),
    ports.key?.(),
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

async function plan(request: SignRequest, ports: SignPorts, ready: Ready): Promise<readonly SignStep[]> {
  const { repository, log } = ports;
  const { image, trust, verdictBy, isOurs, run } = ready;
  const { scope = DEFAULT_SCOPE } = request;
  const subjects = signedParts(image, scope).map(({ descriptor }) => descriptor.digest);
  const found = await discoverBundles(repository, subjects);
  const prove = createProver(trust.material, { log: ready.log ? 'required' : 'optional' });
  const search = { repository, image, found, prove, identity: verdictBy, policyDigest: request.policyDigest };
  const { scanned, exceptions } = await scanOrException(request, search, ports);
  const read = await readBuildStatements(repository, image);
  const built = describeBuild(read, { image, repository: repository.label, run });
  if (built.length === 0) log.warning(`${request.digest} has no SBOM and no provenance from its build to attest`);
  const planned = planAttestations({ image, built, scanned, extra: [...exceptions, ...request.attestations], scope });
  const kept = await keptBundles([request.bundleDirectory, ...(request.keptBundles ? [request.keptBundles] : [])]);
  return stepsOf(planned, existingBundles({ found, kept }, prove, isOurs));
}

/** A passing verdict, or leave to do without one, which is then said instead. */
async function scanOrException(
  { verdict }: SignRequest,
  search: ScanSearch,
  { allow, log }: SignPorts,
): Promise<{ readonly scanned?: ScanEvidence | undefined; readonly exceptions: readonly ExtraPredicate[] }> {
  const answer = await judgeScan(verdict, search);
  if (answer.passed) return { scanned: answer.evidence, exceptions: [] };
  const allowance = await allow?.(answer.state);
  if (allowance === undefined) throw answer.failure;
  log.warning(`Signed without a pass, by ${allowance.by}: ${answer.failure.message}. Reason: ${allowance.reason}`);
  return { exceptions: [exceptionPredicate(answer, allowance)] };
}

async function sign(
  due: readonly PlannedAttestation[],
  ports: SignPorts,
  {
    trust,
    identityToken,
    log: logged,
    dryRun,
    directory,
  }: Ready & { readonly directory: string; readonly dryRun: boolean },
): Promise<ReadonlyMap<PlannedAttestation, VerifiedBundle>> {
  if (dryRun || due.length === 0) return new Map();
  const { attest, log } = ports;
  return log.group(`Sign ${due.length} statements`, () =>
    makeBundles(due, { attest, identityToken, log: logged, trust: trust.material, directory }),
  );
}

/** The `verdict` input: the digest of a referrer, a path, or nothing. */
export function verdictSource(text: string | undefined): VerdictSource {
  if (text === undefined) return { kind: 'attested' };
  return isDigest(text) ? { kind: 'referrer', digest: text } : { kind: 'file', path: text };
}
