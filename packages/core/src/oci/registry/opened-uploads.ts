import type { Attempt } from '../../runtime/retry.ts';
import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { dropUpload, openUpload, type UploadTarget } from './upload.ts';

/** A registry need not keep more of them waiting than are used side by side. */
const MOST = 32;

/**
 * Sessions for blobs that are most likely to be sent: opening them while the registry is still being asked what it has
 * saves a round trip. Each is used once or dropped again.
 */
export class OpenedUploads {
  readonly #sessions = new Map<Digest, Promise<Attempt<URL>>>();

  open(target: UploadTarget, blobs: readonly Descriptor[]): void {
    for (const { digest } of blobs.filter((blob) => !this.#sessions.has(blob.digest)).slice(0, MOST)) {
      const session = openUpload(target);
      // Whoever takes it is told.
      session.catch(() => {});
      this.#sessions.set(digest, session);
    }
  }

  take(digest: Digest): Promise<Attempt<URL>> | undefined {
    const session = this.#sessions.get(digest);
    this.#sessions.delete(digest);
    return session;
  }

  /** Drops those that nobody took. Never throws. */
  async drop(target: UploadTarget): Promise<void> {
    const left = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const opened of await Promise.allSettled(left)) {
      if (opened.status === 'fulfilled' && 'value' in opened.value) await dropUpload(target, opened.value.value);
    }
  }
}
