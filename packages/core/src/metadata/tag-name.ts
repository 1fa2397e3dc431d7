import { PlimsollError } from '../runtime/errors.ts';

/** A tag, and the text that it was made from. */
export interface NamedTag {
  readonly from: string;
  readonly tag: string;
}

/** The tag grammar (OCI distribution specification, "Pulling manifests"). */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Characters that no tag can have become one dash, as in docker/metadata-action.
 * @throws PlimsollError `input-invalid` when the result cannot be a tag: too long, or a dot or dash in front
 */
export function tagNamed(from: string): NamedTag {
  const tag = sanitised(from);
  if (TAG.test(tag)) return { from, tag };
  throw new PlimsollError('input-invalid', `"${from.slice(0, 200)}" cannot be a tag`, {
    hint: 'A tag has at most 128 letters, digits, dots, dashes and underscores, and starts with none of the dots and dashes. Name tags in the input "tags".',
  });
}

/** The part of a tag that a text becomes. */
export function sanitised(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]+/g, '-');
}

/** @throws PlimsollError `input-invalid` when two different texts become the same tag */
export function refuseCollisions(named: readonly NamedTag[]): void {
  const origins = new Map<string, string>();
  for (const { from, tag } of named) {
    const other = origins.get(tag);
    if (other !== undefined && other !== from) {
      throw new PlimsollError('input-invalid', `"${other}" and "${from}" both become the tag "${tag}"`, {
        hint: 'Remove one of them, or write the tag itself once.',
      });
    }
    origins.set(tag, from);
  }
}
