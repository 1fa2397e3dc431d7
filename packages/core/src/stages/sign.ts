import type { AttestationStore } from '../github/attestations.ts';
import type { ContentTarget } from '../oci/content.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { attachReferrers } from '../oci/referrers.ts';
import type { Log } from '../runtime/log.ts';
import type { ExpectedSigner } from '../sigstore/token-identity.ts';
import { PREDICATE_TYPES } from '../sigstore/predicates.ts';
import type { Trust } from '../sigstore/trusted-root.ts';
import type { VerifiedBundle } from '../sigstore/verify.ts';
import { type AttachReferrers, attachBundles } from './sign/attach.ts';
import type { SigningRun } from './sign/build-run.ts';
import { readBuildStatements, readHungStatements } from './sign/buildkit.ts';
import { describeBuild } from './sign/describe-build.ts';
import { type Allow, exceptionPredicate } from './sign/exception.ts';
import { existingBundles } from './sign/existing.ts';
import { keptBundles } from './sign/kept.ts';
import { writeLegacyTags } from './sign/legacy.ts';
import { type Attest, makeBundles } from './sign/make.ts';
import { type ExtraPredicate, type PlannedAttestation, planAttestations } from './sign/plan.ts';
import { preflight, type Ready } from './sign/preflight.ts';
import { describeSigning, type SignResult } from './sign/result.ts';
import type { ScanEvidence, VerdictSource } from './sign/scan-evidence.ts';
import { judgeScan, type ScanSearch } from './sign/scan-source.ts';
import { DEFAULT_SCOPE, type Scope, signedParts } from './sign/scope.ts';
import type { LogMode } from './sign/transparency.ts';
import { attachmentsOf, bundlesOf, type SignStep, stepsOf } from './sign/steps.ts';
import { discoverBundles } from './verify/discover.ts';
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
  /** Statements of the build that hang on the platforms, by the digest of their manifests. */
  readonly statements?: readonly Digest[] | undefined;
  /** Whether the signatures go to a transparency log; by the repository's visibility unless given. */
  readonly transparencyLog?: LogMode;
  /** What gets a signature of its own; the root and its platforms unless given. */
  readonly scope?: Scope;
  /** The run that signs, and that provenance is completed with. */
  readonly run: SigningRun;
  /** Whether all is said in the form of cosign 1 and 2 as well. */
  readonly legacy?: boolean;
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
  /** Where every bundle is stored as well. */
  readonly store?: AttestationStore | undefined;
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
    await storeBundles(bundlesOf(steps, made), ports);
    if (request.legacy === true) await sayInOldForm(steps, bundlesOf(steps, made), { ports, ready });
  }
  const directory = made.size === 0 ? undefined : request.bundleDirectory;
  return describeSigning({ request, repository: ports.repository.label, steps, made, trust: ready.trust, directory });
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
  const hung = await readHungStatements(repository, image, request.statements ?? []);
  const read = [...(await readBuildStatements(repository, image)), ...hung];
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

async function sayInOldForm(
  steps: readonly SignStep[],
  bundles: readonly VerifiedBundle[],
  { ports, ready }: { readonly ports: SignPorts; readonly ready: Ready },
): Promise<void> {
  const { repository, attest, log } = ports;
  if (attest.bare === undefined) return;
  const signatures = steps.filter(({ planned }) => planned.statement.predicateType === PREDICATE_TYPES.signature);
  const signed = signatures.flatMap(({ planned }) => planned.statement.subjects);
  const by = { identityToken: ready.identityToken, log: ready.log };
  await writeLegacyTags(signed, bundles, { repository, sign: attest.bare, by });
  log.info(`${signed.length} digests have tags .sig and .att too`);
}

async function storeBundles(bundles: readonly VerifiedBundle[], { store, log }: SignPorts): Promise<void> {
  if (store === undefined) return;
  const subjects = bundles.map(({ bytes, statement }) => ({ bytes, subjects: statement.subjects }));
  const stored = await store.put(subjects);
  log.info(`GitHub's attestation store: ${stored} stored, ${bundles.length - stored} there already`);
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
