import { readBytes } from '../../oci/checked-stream.ts';
import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/**
 * A whole blob in memory.
 * @param limit bytes
 * @throws PlimsollError `manifest-invalid` when it says it is larger than the limit, and what the source throws
 */
export async function readBlob(source: ContentSource, descriptor: Descriptor, limit: number): Promise<Buffer> {
  if (descriptor.size > limit) {
    throw new PlimsollError(
      'manifest-invalid',
      `${descriptor.digest} has ${descriptor.size} bytes, more than ${limit}`,
      {
        hint: 'Attach large documents as artifacts of their own, and attest their digest.',
      },
    );
  }
  return readBytes(await source.blob(descriptor));
}
