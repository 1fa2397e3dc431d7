import { type Digest, parseDigest } from '@plimsoll/core/oci/digest';
import { parseReference, type Reference, repositoryLabel } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import type { ScanSubject } from '@plimsoll/core/stages/scan/plan';
import type { ScanContext } from './inputs.ts';

/** The inputs that say which image is meant. */
export interface GivenTarget {
  readonly image: string | undefined;
  readonly digest: string | undefined;
  readonly layout: string | undefined;
}

export interface Target {
  /** For people; without tag and digest. That of the repository where a layout comes without a name. */
  readonly image: string;
  readonly subject: ScanSubject;
}

/** @throws PlimsollError `input-missing`, `input-conflict`, `digest-*`, `reference-invalid`, `registry-*` */
export async function readTarget({ image, digest, layout }: GivenTarget, context: ScanContext): Promise<Target> {
  const reference = image === undefined ? undefined : parseReference(image);
  const label = reference === undefined ? undefined : repositoryLabel(reference);
  if (layout !== undefined) {
    if (digest !== undefined || reference?.digest !== undefined) throw both();
    return { image: label ?? context.github.repository, subject: { layout } };
  }
  if (reference === undefined || label === undefined) {
    throw new PlimsollError('input-missing', 'Nothing to scan was given', {
      hint: 'Write "layout: ${{ steps.build.outputs.layout }}", or "image: registry/repository" with "digest: sha256:…".',
    });
  }
  const behindTag = digest === undefined ? await digestOfTag(reference, context) : undefined;
  const named = oneDigest(reference.digest ?? behindTag, digest, label);
  return { image: label, subject: { repository: reference, digest: named } };
}

async function digestOfTag(reference: Reference, { registries, log }: ScanContext): Promise<Digest | undefined> {
  const { tag, digest } = reference;
  if (tag === undefined || digest !== undefined) return undefined;
  const repository = registries().repository(reference);
  const found = await repository.resolve(tag);
  if (found === undefined) {
    throw new PlimsollError('registry-not-found', `${repository.label}:${tag} does not exist`, {
      hint: 'Give the "digest:" that the job before gave as output.',
    });
  }
  log.notice(`${repository.label}:${tag} is ${found.digest} now; that is what is scanned. Give "digest:" to be sure.`);
  return found.digest;
}

function oneDigest(inReference: Digest | undefined, given: string | undefined, label: string): Digest {
  const digest = given === undefined ? inReference : parseDigest(given);
  if (digest === undefined) {
    throw new PlimsollError('digest-required', `${label} is to be scanned, but not which digest of it`, {
      hint: 'Write "digest: ${{ steps.build.outputs.digest }}": a tag may point elsewhere by the time it is deployed.',
    });
  }
  if (inReference === undefined || inReference === digest) return digest;
  throw new PlimsollError('input-conflict', `"image" names ${inReference} and "digest" names ${digest}`, {
    hint: 'Give the digest once.',
  });
}

/** An SBOM is attested of what is published; and a look at packages alone is no evidence on the image. */
export function requirePublished(subject: ScanSubject | undefined, attest: boolean): void {
  const published = subject !== undefined && !('layout' in subject);
  if (published && !attest) return;
  const why = published ? 'says nothing of secrets, so it cannot be attested' : 'needs a digest in a registry';
  throw new PlimsollError('input-conflict', `"from: sbom" ${why}`, {
    hint: published
      ? 'Leave out "attest:" here, or scan the image itself with "from: image".'
      : 'Write "image:" with "digest:", and neither "layout:" nor "enable-trivy-image: false".',
  });
}

/** Only what is in a registry can be attached to. */
export function requireAttachable(subject: ScanSubject | undefined): void {
  if (subject !== undefined && !('layout' in subject)) return;
  const why = subject === undefined ? 'There is no image' : 'A layout is not in a registry';
  throw new PlimsollError('input-conflict', `${why}, so nothing can be attached to it`, {
    hint: 'Leave "attest:" out here and give the verdict to the sign action, or scan "image:" with "digest:".',
  });
}

function both(): PlimsollError {
  return new PlimsollError('input-conflict', 'Both a layout and a digest in a registry were given', {
    hint: 'Give "layout:", or "image:" with "digest:", not both.',
  });
}
