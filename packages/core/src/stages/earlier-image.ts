import type { ContentTarget } from '../oci/content.ts';
import type { Digest } from '../oci/digest.ts';
import type { Log } from '../runtime/log.ts';
import type { VerifyReport } from './verify.ts';

/** Where an earlier image would be. */
export type EarlierPlace = Pick<ContentTarget, 'resolve' | 'label'>;

export interface EarlierImagePorts {
  readonly repository: EarlierPlace;
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

/**
 * Asks for the image of a commit before it is certain that somebody needs to know, such as while the policy is read.
 * @param commit - what is none is refused by whoever makes tags of it, and not asked for
 */
export function askedEarly(repository: EarlierPlace, commit: string): EarlierPlace {
  if (!/^[0-9a-f]+$/.test(commit)) return repository;
  const tag = `sha-${commit}`;
  const asked = repository.resolve(tag);
  // Whoever needs the answer is told of a failure.
  asked.catch(() => {});
  const resolve = (reference: string) => (reference === tag ? asked : repository.resolve(reference));
  return { label: repository.label, resolve };
}
