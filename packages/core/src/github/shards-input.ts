import { type Digest, isDigest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';

/**
 * The digests of the `shards` input: one per line, or JSON, such as `${{ toJSON(needs.shard.outputs) }}`. Outputs of
 * jobs that had nothing to push are empty, and are left out.
 *
 * @throws PlimsollError `input-invalid`
 */
export function readShards(text: string): readonly Digest[] {
  const values = /^[[{]/.test(text) ? jsonTexts(text) : text.split(/\s+/);
  return values.filter((value) => value !== '').map(readDigest);
}

function jsonTexts(text: string): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid('it begins as JSON and is none');
  }
  return Object.values(json as object).map((value: unknown) => {
    if (typeof value === 'string') return value.trim();
    throw invalid('its values are not all texts');
  });
}

function readDigest(value: string): Digest {
  if (isDigest(value)) return value;
  throw invalid(`"${value.slice(0, 100)}" is not a digest`);
}

function invalid(why: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "shards" cannot be read: ${why}`, {
    hint: 'Write "shards: ${{ toJSON(needs.shard.outputs) }}", where each output of that job is a "digest".',
  });
}
