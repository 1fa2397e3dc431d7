import { createHash } from 'node:crypto';
import { bytesPassed } from '../runtime/buffer-garbage.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { ByteStream } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, hexOf } from './digest.ts';

/** Streams that are checked already, with what they are checked against: hashing twice proves nothing more. */
const CHECKED = new WeakMap<ByteStream, Digest>();

/**
 * Passes bytes on while checking them against the descriptor that names them. The last chunk is held
 * back until the whole is proven, so whoever receives this never has all of a wrong blob.
 *
 * @param from - where the bytes come from, for the message
 * @throws PlimsollError `digest-mismatch` from the stream
 */
export function checkedStream(bytes: ByteStream, descriptor: Descriptor, from: string): ByteStream {
  if (CHECKED.get(bytes) === descriptor.digest) return bytes;
  const checked = check(bytes, descriptor, from);
  CHECKED.set(checked, descriptor.digest);
  return checked;
}

async function* check(bytes: ByteStream, descriptor: Descriptor, from: string): ByteStream {
  const hash = createHash(algorithmOf(descriptor.digest));
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > descriptor.size) throw mismatch(descriptor, from, `more than ${descriptor.size} bytes came`);
    hash.update(chunk);
    bytesPassed(chunk.length);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (size !== descriptor.size) throw mismatch(descriptor, from, `${size} bytes came, not ${descriptor.size}`);
  const hex = hash.digest('hex');
  if (hex !== hexOf(descriptor.digest))
    throw mismatch(descriptor, from, `the bytes have the digest ${algorithmOf(descriptor.digest)}:${hex}`);
  if (held !== undefined) yield held;
}

/** Reads a checked stream into memory; for configs and bundles, not for layers. */
export async function readBytes(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function mismatch(descriptor: Descriptor, from: string, why: string): PlimsollError {
  return new PlimsollError('digest-mismatch', `${descriptor.digest} from ${from}: ${why}`, {
    hint: 'The content is damaged or was tampered with. Build or push it again; it was not used.',
  });
}
