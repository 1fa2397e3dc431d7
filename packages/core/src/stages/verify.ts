import type { ContentSource } from '../oci/content.ts';
import type { Digest } from '../oci/digest.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import type { IdentityPolicy } from '../sigstore/identity.ts';
import { describePolicy } from '../sigstore/identity-mismatch.ts';
import type { Trust } from '../sigstore/trusted-root.ts';
import type { ProofRules, VerifiedBundle } from '../sigstore/verify.ts';
import { conclude, type Findings } from './verify/conclude.ts';
import { discoverBundles } from './verify/discover.ts';
import { type ImagePart, type ImageShape, readImageShape, subjectsOf } from './verify/image.ts';
import { judgeBundle } from './verify/judge.ts';
import { lostEntries } from './verify/lost.ts';
import { createProver } from './verify/prove.ts';
import type { Reason } from './verify/reasons.ts';
import { bundleReport, type VerifyOutcome, type VerifyReport } from './verify/report.ts';
import type { ContentRules } from './verify/content-rules.ts';
import { checkRequirements } from './verify/requirements.ts';

export type { VerifyReport } from './verify/report.ts';

export interface VerifyRequest {
  readonly digest: Digest;
  readonly identity: IdentityPolicy;
  /** Where the identity policy came from, for people: `policy file`, `inputs`, `this repository`. */
  readonly identitySource: string;
  /** Predicate types; `sigstore/predicates.ts` has those with rules of their own. */
  readonly required: readonly string[];
  /** Whether every signature must stand in a transparency log; it must unless given. */
  readonly log?: ProofRules['log'];
  /** What is asked of the content of evidence, beside that it is there. */
  readonly content?: ContentRules;
}

export interface VerifyPorts {
  readonly repository: ContentSource;
  /** Asked for once per verification, before anything is read. */
  readonly trust: () => Promise<Trust>;
  readonly clock?: Clock;
}

/** The report, and the failure that it describes, with its cause. */
export interface Inspection {
  readonly report: VerifyReport;
  /** What the report was made from; absent where the evidence could not be read. */
  readonly evidence?: { readonly image: ImageShape; readonly accepted: readonly VerifiedBundle[] };
  readonly failure?: PlimsollError;
}

/**
 * Judges an image and tells everything, whatever the outcome.
 * @throws what is not an expected failure, and `cancelled`; never for an image that does not pass
 */
export async function inspectImage(request: VerifyRequest, ports: VerifyPorts): Promise<Inspection> {
  const result = await gather(request, ports).catch((error: unknown): Result => {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    return { failure: unreadable(request, ports, error) };
  });
  const { failure, image, accepted } = result;
  return {
    report: report(request, ports, result),
    ...(image && accepted ? { evidence: { image, accepted } } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}

/**
 * As {@link inspectImage}, for those who need a yes. `promote` asks this on both sides.
 * @throws PlimsollError `verify-unsigned`, `verify-untrusted`, `verify-policy`, `verify-unreachable`, `verify-not-found`, `trust-root`
 */
export async function verifyImage(request: VerifyRequest, ports: VerifyPorts): Promise<VerifyReport> {
  const inspection = await inspectImage(request, ports);
  if (inspection.failure !== undefined) throw inspection.failure;
  return inspection.report;
}

type Result = Partial<Findings> & {
  readonly parts?: readonly ImagePart[];
  readonly failure?: PlimsollError | undefined;
  readonly reasons?: readonly Reason[];
};

async function gather(
  request: VerifyRequest,
  { repository, trust, clock = systemClock }: VerifyPorts,
): Promise<Result> {
  const { material } = await trust().catch(untrustedRoot);
  const image = await readImageShape(repository, request.digest);
  const parts = subjectsOf(image);
  const subjects = parts.map(({ descriptor }) => descriptor.digest);
  const found = await discoverBundles(repository, subjects);
  const prove = createProver(material, { log: request.log ?? 'required' });
  const judged = found.map((each) => judgeBundle(each, { prove, identity: request.identity }));
  const accepted = judged.flatMap((each) => (each.accepted ? [each.verified] : []));
  const requirements = checkRequirements(request.required, { accepted, image, now: clock.now(), ...request.content });
  const findings: Findings = { image, judged, accepted, requirements, lost: lostEntries(image, judged) };
  return { ...findings, parts, ...conclude(findings) };
}

const OUTCOMES: Readonly<Partial<Record<PlimsollError['code'], VerifyOutcome>>> = {
  'verify-unsigned': 'unsigned',
  'verify-untrusted': 'untrusted',
  'verify-policy': 'policy',
  'verify-unreachable': 'unreachable',
  'verify-not-found': 'not-found',
  'trust-root': 'trust-root',
};

function report(
  request: VerifyRequest,
  { repository, clock = systemClock }: VerifyPorts,
  result: Result,
): VerifyReport {
  const { failure, reasons = [], parts = [], judged = [], lost = [] } = result;
  const nameOf = (digest: Digest) => parts.find((part) => part.descriptor.digest === digest)?.name ?? digest;
  return {
    version: 1,
    repository: repository.label,
    digest: request.digest,
    outcome: failure === undefined ? 'verified' : (OUTCOMES[failure.code] ?? 'unreachable'),
    verified: failure === undefined,
    policy: { ...describePolicy(request.identity), 'taken from': request.identitySource },
    requirements: result.requirements ?? [],
    bundles: judged.map((each) => bundleReport(each, nameOf(each.found.subject))),
    lost: lost.map((each) => ({ ...each, subjectName: nameOf(each.subject) })),
    ...(failure === undefined
      ? {}
      : { failure: { code: failure.code, message: failure.message, hint: failure.hint, reasons } }),
    checkedAt: clock.now().toISOString(),
  };
}

/** Without a root nothing can be judged, for whatever reason it could not be had. */
function untrustedRoot(error: unknown): never {
  if (!isFailure(error) || error.code === 'trust-root' || error.code === 'cancelled') throw error;
  const message = `The trusted root could not be fetched: ${error.message}`;
  throw new PlimsollError('trust-root', message, { hint: error.hint, cause: error });
}

/** Reading failed: not a word about the image follows from that, except that a certain 404 means there is none. */
function unreadable({ digest }: VerifyRequest, { repository }: VerifyPorts, error: PlimsollError): PlimsollError {
  if (error.code === 'trust-root') return error;
  const what = `${repository.label}@${digest}`;
  if (error.code === 'registry-not-found') {
    const hint =
      'Check repository and digest. Registries answer the same for an image that the credentials may not see.';
    return new PlimsollError('verify-not-found', `${what} does not exist`, { hint, cause: error });
  }
  const message = `The evidence of ${what} could not be read: ${error.message}`;
  return new PlimsollError('verify-unreachable', message, { hint: error.hint, cause: error });
}
