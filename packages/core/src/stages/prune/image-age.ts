import * as v from 'valibot';
import type { ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { DescriptorSchema } from '../../oci/manifest.ts';
import { pick, pickText } from '../../runtime/pick.ts';

/** The key under which the OCI image specification keeps the date (annotations.md, "Pre-Defined Annotation Keys"). */
const CREATED = 'org.opencontainers.image.created';
/** Before there were containers: what reproducible builds write when they know no date. */
const EARLIEST = Date.UTC(2000, 0, 1);
const CONFIG_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/** When an image was made: known, or to be looked for in another blob, or said nowhere. */
export type AgeClue =
  | { readonly at: number }
  | { readonly in: 'manifest' | 'config'; readonly of: Descriptor }
  | undefined;

/** What a manifest or index says of its own age, or where it is written. Milliseconds since 1970. */
export function ageClue(blob: ManifestBlob): AgeClue {
  const content = parsed(blob.bytes);
  const at = dateOf(pickText(content, 'annotations', CREATED));
  if (at !== undefined) return { at };
  const config = descriptorIn(pick(content, 'config'));
  if (config !== undefined && CONFIG_TYPES.has(config.mediaType)) return { in: 'config', of: config };
  const children = pick(content, 'manifests');
  const image = Array.isArray(children) ? children.find(isImage) : undefined;
  const of = descriptorIn(image);
  return of === undefined ? undefined : { in: 'manifest', of };
}

/** The `created` of an image's configuration. */
export function configDate(bytes: Buffer): number | undefined {
  return dateOf(pickText(parsed(bytes), 'created'));
}

/** BuildKit lists attestations beside the images, as platform `unknown`. */
function isImage(child: unknown): boolean {
  return pickText(child, 'platform', 'os') !== 'unknown';
}

function dateOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) || at < EARLIEST ? undefined : at;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // What it is says nothing of its age; whether it may go is decided where its edges are read.
    return undefined;
  }
}

function descriptorIn(value: unknown): Descriptor | undefined {
  const result = v.safeParse(DescriptorSchema, value);
  return result.success ? result.output : undefined;
}
