import type { ContentSource } from '../../oci/content.ts';
import type { ClassedTag } from '../../policy/tags.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { TagList } from '../due-tags.ts';
import { type SizesBefore, sizesBefore } from './sizes-before.ts';

/** What a repository holds before an image is added to it. */
export interface Outlook {
  readonly sizes: SizesBefore | undefined;
  /** Every tag; absent where the registry did not tell. */
  readonly published: readonly string[] | undefined;
}

/** Reads what the summary tells beside the image itself. None of it is ever a reason to fail. */
export async function outlook(
  repository: ContentSource & TagList,
  tags: readonly ClassedTag[],
  log: Log,
): Promise<Outlook> {
  const [sizes, published] = await Promise.all([sizesBefore(repository, tags, log), listed(repository, log)]);
  return { sizes, published };
}

async function listed(repository: TagList, log: Log): Promise<readonly string[] | undefined> {
  try {
    return await repository.tags();
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    if (error.code === 'registry-not-found') return [];
    log.info(`The tags of ${repository.label} could not be read: ${error.message}`);
    return undefined;
  }
}
