import type { Digest } from '../../oci/digest.ts';
import { verifyCommands } from '../../report/verify-commands.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { PlannedAttestation } from './plan.ts';
import { type SignStep, statusOf } from './steps.ts';

/** What happened, or on a dry run would happen, to one attestation. */
export interface SignedAttestation {
  readonly name: string;
  readonly about: string;
  readonly predicateType: string;
  readonly subjects: readonly Digest[];
  /** `kept`: an equal one of this signer was there. `attached`: it was made before, but was not on every subject. */
  readonly status: 'made' | 'kept' | 'attached' | 'planned';
}

export interface SignResult {
  readonly repository: string;
  readonly digest: Digest;
  readonly dryRun: boolean;
  /** Digests that carry a signature of their own. */
  readonly signedDigests: readonly Digest[];
  /** Who signed, as the certificate says it; absent on a dry run that found nothing to keep. */
  readonly issuer?: string;
  readonly identity?: string;
  readonly attestations: readonly SignedAttestation[];
  /** For consumers, the signature first. */
  readonly verifyCommands: readonly string[];
  /** Directory with the bundles that this run made; absent when it made none. */
  readonly bundles?: string;
}

export interface Signing {
  readonly request: { readonly digest: Digest; readonly dryRun: boolean };
  /** Registry and repository. */
  readonly repository: string;
  readonly steps: readonly SignStep[];
  readonly made: ReadonlyMap<PlannedAttestation, VerifiedBundle>;
  readonly trust: Trust;
  readonly directory: string | undefined;
}

export function describeSigning({ request, repository, steps, made, trust, directory }: Signing): SignResult {
  const { digest, dryRun } = request;
  const first = steps.map(({ planned, existing }) => existing ?? made.get(planned)).find((each) => each !== undefined);
  const signer = first?.signer;
  const unlogged = first?.logged === false;
  const attestations = steps.map((step) => describe(step, dryRun));
  const signatures = attestations.filter(({ predicateType }) => predicateType === PREDICATE_TYPES.signature);
  const predicateTypes = attestations.map(({ predicateType }) => predicateType);
  const trustedRoot = trust.isPublic ? undefined : trust.file;
  const command = signer && { image: repository, digest, ...signer, predicateTypes, trustedRoot, unlogged };
  return {
    repository,
    digest,
    dryRun,
    signedDigests: signatures.filter(({ status }) => status !== 'planned').flatMap(({ subjects }) => subjects),
    ...(signer === undefined ? {} : { issuer: signer.issuer, identity: signer.identity }),
    attestations,
    verifyCommands: command ? verifyCommands(command) : [],
    ...(directory === undefined ? {} : { bundles: directory }),
  };
}

function describe(step: SignStep, dryRun: boolean): SignedAttestation {
  const { name, about, statement } = step.planned;
  const { predicateType, subjects } = statement;
  return { name, about, predicateType, subjects, status: statusOf(step, dryRun) };
}
