import type { Descriptor } from '../../oci/descriptor.ts';
import { type ImagePart, type ImageShape, subjectsOf } from '../verify/image.ts';

/** What gets a signature of its own: the root, its platforms as well, or BuildKit's attestation manifests too. */
export const SCOPES = ['index', 'platforms', 'all'] as const;
export type Scope = (typeof SCOPES)[number];

/** Whoever pulls one platform by its digest finds evidence there too. */
export const DEFAULT_SCOPE: Scope = 'platforms';

/** The manifests to sign, the root first. */
export function signedParts(image: ImageShape, scope: Scope): readonly ImagePart[] {
  const parts = subjectsOf(image);
  if (scope === 'index') return parts.slice(0, 1);
  return scope === 'platforms' ? parts : [...parts, ...attestationParts(image)];
}

/** Whether evidence about an image hangs on this manifest. Attestation manifests are evidence themselves. */
export function carriesEvidence({ root }: ImageShape, scope: Scope): (manifest: Descriptor) => boolean {
  return ({ digest }) => scope !== 'index' || digest === root.digest;
}

function attestationParts({ platforms, attestations }: ImageShape): readonly ImagePart[] {
  return attestations.map(({ target, descriptor }) => {
    const platform = platforms.find((part) => part.descriptor.digest === target);
    return { name: `attestations of ${platform?.name ?? target}`, descriptor };
  });
}
