import { createHash } from 'node:crypto';
import { bytesPassed } from '../runtime/buffer-garbage.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { ByteStream } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, digestOf } from './digest.ts';
import { WholeBlob } from './whole-blob.ts';

/** Streams that are checked already, with what they are checked against: hashing twice proves nothing more. */
const CHECKED = new WeakMap<ByteStream, Digest>();

/**
 * Passes bytes on while checking them against the descriptor that names them. The last chunk is held
 * back until the whole is proven, so whoever receives this never has all of a wrong blob.
 *
 * @param from - where the bytes come from, for the message
 * @throws PlimsollError `digest-mismatch` from the stream; at once for a blob that is in memory
 */
export function checkedStream(bytes: ByteStream, descriptor: Descriptor, from: string): ByteStream {
  if (CHECKED.get(bytes) === descriptor.digest) return bytes;
  const checked = bytes instanceof WholeBlob ? checkWhole(bytes, descriptor, from) : check(bytes, descriptor, from);
  CHECKED.set(checked, descriptor.digest);
  return checked;
}

function checkWhole(whole: WholeBlob, descriptor: Descriptor, from: string): WholeBlob {
  const { bytes } = whole;
  if (bytes.length !== descriptor.size) throw wrongSize(bytes.length, descriptor, from);
  const found = digestOf(bytes, algorithmOf(descriptor.digest));
  if (found !== descriptor.digest) throw mismatch(descriptor, from, `the bytes have the digest ${found}`);
  bytesPassed(bytes.length);
  return whole;
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
  if (size !== descriptor.size) throw wrongSize(size, descriptor, from);
  const found = `${algorithmOf(descriptor.digest)}:${hash.digest('hex')}`;
  if (found !== descriptor.digest) throw mismatch(descriptor, from, `the bytes have the digest ${found}`);
  if (held !== undefined) yield held;
}

/** Reads a checked stream into memory; for configs and bundles, not for layers. */
export async function readBytes(stream: ByteStream): Promise<Buffer> {
  if (stream instanceof WholeBlob) return stream.bytes;
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const [only] = chunks;
  return chunks.length === 1 && Buffer.isBuffer(only) ? only : Buffer.concat(chunks);
}

/** The same, as a blob of which is known that it was checked. */
export async function readWhole(stream: ByteStream): Promise<WholeBlob> {
  if (stream instanceof WholeBlob) return stream;
  const whole = new WholeBlob(await readBytes(stream));
  const checkedAs = CHECKED.get(stream);
  if (checkedAs !== undefined) CHECKED.set(whole, checkedAs);
  return whole;
}

function wrongSize(size: number, descriptor: Descriptor, from: string): PlimsollError {
  return mismatch(descriptor, from, `${size} bytes came, not ${descriptor.size}`);
}

function mismatch(descriptor: Descriptor, from: string, why: string): PlimsollError {
  return new PlimsollError('digest-mismatch', `${descriptor.digest} from ${from}: ${why}`, {
    hint: 'The content is damaged or was tampered with. Build or push it again; it was not used.',
  });
}
