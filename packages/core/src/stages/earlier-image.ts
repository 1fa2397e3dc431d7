import type { ContentTarget } from '../oci/content.ts';
import type { Digest } from '../oci/digest.ts';
import type { Log } from '../runtime/log.ts';
import type { VerifyReport } from './verify.ts';

export interface EarlierImagePorts {
  readonly repository: Pick<ContentTarget, 'resolve' | 'label'>;
  /** Throws unless the evidence says that this commit's own workflow made the image. */
  readonly verify: (digest: Digest) => Promise<VerifyReport>;
  readonly log: Log;
}

/** An image of the same commit that an earlier run finished. */
export interface EarlierImage {
  readonly digest: Digest;
  readonly verified: VerifyReport;
}

/**
 * Looks for what an earlier run made of this commit, before anything is built. A tag alone proves nothing: whoever may
 * push could have written it. Only a digest with this repository's own evidence is taken over.
 *
 * @param commitTag `sha-<commit>`
 * @returns `undefined` only when the tag is certainly absent
 * @throws PlimsollError what verification throws, and what the registry throws
 */
export async function earlierImage(commitTag: string, ports: EarlierImagePorts): Promise<EarlierImage | undefined> {
  const { repository, verify, log } = ports;
  const found = await repository.resolve(commitTag);
  if (found === undefined) return undefined;
  log.notice(
    `${repository.label}:${commitTag} exists; verifying ${found.digest} instead of building. ` +
      'Write "force-rebuild: true" to build this commit once more.',
  );
  return { digest: found.digest, verified: await verify(found.digest) };
}
