import type { ImageTags } from './tags.ts';

const PREFIX = 'dev-';

/**
 * The tags of an image that nobody vouches for: each says so in its name, and each moves, because nothing is promised
 * about it; `latest` and its like would say more than is true.
 */
export function developmentTags(tags: ImageTags): ImageTags {
  const commit = prefixed(tags.commit);
  const own = tags.tags.filter(({ name, highest }) => highest === undefined && name !== 'latest');
  return {
    ...tags,
    commit,
    version: prefixed(tags.version),
    tags: own.map((tag) => ({ ...tag, name: prefixed(tag.name), class: 'moving' })),
  };
}

function prefixed(name: string): string {
  return name.startsWith(PREFIX) ? name : `${PREFIX}${name}`;
}
