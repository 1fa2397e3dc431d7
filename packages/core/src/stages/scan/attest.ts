import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { type PredicateName, PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import type { SignRepository } from '../sign.ts';
import { attachBundles } from '../sign/attach.ts';
import { type Attest, makeBundles } from '../sign/make.ts';
import { type PlannedAttestation, planAttestations } from '../sign/plan.ts';
import { readScanFile } from '../sign/scan-evidence.ts';
import { type ImageShape, readImageShape } from '../verify/image.ts';

/** The unsigned form, for a job that signs later and knows the digest from this job's outputs. */
export const VERDICT_ARTIFACT = 'application/vnd.plimsoll.scan-verdict.v1+json';
const PREDICATE_LAYER = 'application/vnd.plimsoll.scan-predicate.v1+json';
const SAID: readonly PredicateName[] = ['vuln', 'vulns', 'verdict'];

export interface AttestPorts {
  readonly repository: SignRepository;
  readonly identityToken: () => Promise<string>;
  readonly attest: Attest;
  readonly trust: () => Promise<Trust>;
  /** Whether what is signed goes to a transparency log. */
  readonly isLogged: (identityToken: string) => boolean;
  /** Where the new bundles are kept. */
  readonly bundleDirectory: string;
}

/**
 * Fails for whatever would keep the evidence from being attached, before anything is scanned.
 *
 * @throws PlimsollError `oidc-unavailable`, `oidc-failed`, `trust-root`, and what a push would fail with
 */
export async function assertAttestable(ports: AttestPorts): Promise<void> {
  await ports.identityToken();
  await Promise.all([ports.repository.canPush(), ports.trust()]);
}

/**
 * Signs the verdict, whatever it is, and the vulnerability report of every scanned platform, and
 * attaches them to the image; then attaches the verdict itself with its reports.
 *
 * @param verdictFile - as the scan wrote it, with the predicates beside it
 * @returns the digest of the attached verdict
 * @throws PlimsollError `oidc-failed`, `sign-failed`, `attach-lost`, and what the registry and the tool throw
 */
export async function attestScan(digest: Digest, verdictFile: string, ports: AttestPorts): Promise<Digest> {
  const { repository } = ports;
  const image = await readImageShape(repository, digest);
  const planned = await planEvidence(image, verdictFile);
  const [identityToken, trust] = await Promise.all([ports.identityToken(), ports.trust()]);
  const made = await makeBundles(planned, {
    attest: ports.attest,
    identityToken,
    log: ports.isLogged(identityToken),
    trust: trust.material,
    directory: ports.bundleDirectory,
  });
  const attachments = [...made].map(([{ targets }, bundle]) => ({ bundle, targets }));
  await attachBundles(repository, attachments, attachReferrers);
  return attachVerdict(image.root, verdictFile, repository);
}

async function planEvidence(image: ImageShape, verdictFile: string): Promise<readonly PlannedAttestation[]> {
  const scanned = await readScanFile(verdictFile);
  const types: readonly string[] = SAID.map((name) => PREDICATE_TYPES[name]);
  const planned = planAttestations({ image, built: [], scanned, extra: [] });
  return planned.filter(({ statement }) => types.includes(statement.predicateType));
}

async function attachVerdict(subject: Descriptor, verdictFile: string, repository: SignRepository): Promise<Digest> {
  const { verdict } = await readScanFile(verdictFile);
  const files = verdict.subject.platforms.flatMap(({ vulnPredicate, vulnsPredicate }) =>
    [vulnPredicate, vulnsPredicate].flatMap((each) => each?.file ?? []),
  );
  const predicates = files.map((file) => readFile(path.join(path.dirname(verdictFile), file)));
  const [attached] = await attachReferrers(repository, subject, [
    {
      artifactType: VERDICT_ARTIFACT,
      annotations: { 'org.opencontainers.image.created': verdict.finishedAt },
      blobs: [
        { mediaType: VERDICT_ARTIFACT, bytes: await readFile(verdictFile) },
        ...(await Promise.all(predicates)).map((bytes) => ({ mediaType: PREDICATE_LAYER, bytes })),
      ],
    },
  ]);
  if (attached !== undefined) return attached.digest;
  throw new PlimsollError('attach-lost', `The verdict on ${subject.digest} was not attached`, {
    hint: 'Run the job again; the signed verdict may be there already.',
  });
}
