import { type RuledTag, settleHighest } from '../metadata/highest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';

/** Where the tags of a repository are listed. */
export interface TagList {
  readonly label: string;
  /** @throws PlimsollError `registry-not-found` when nothing was ever pushed */
  tags(): Promise<readonly string[]>;
}

/**
 * The tags that may move to this image now: `latest`, `1` and `1.2` stay where they are while a higher version is
 * published. The registry is asked only when one of them is wanted.
 *
 * @throws PlimsollError what the registry throws: a list that cannot be read is never taken for an empty one
 */
export async function dueTags<Tag extends RuledTag>(list: TagList, tags: readonly Tag[], log: Log) {
  if (tags.every(({ highest }) => highest === undefined)) return tags;
  const settled = settleHighest(tags, await publishedTags(list));
  for (const { name, higher } of settled.held) {
    log.notice(`${list.label}:${name} stays where it is: ${higher} is higher`);
  }
  return settled.tags;
}

async function publishedTags(list: TagList): Promise<readonly string[]> {
  try {
    return await list.tags();
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'registry-not-found') return [];
    throw error;
  }
}
