import type { LegResult } from '../stages/promote/leg.ts';
import { bytes } from './bytes.ts';

/** What a promotion would do with one image, a line for each thing that it would write. */
export function planLines({ leg, plan: { root, copy, tags, record } }: LegResult): readonly string[] {
  const absent = copy.manifests.filter(({ present }) => !present).length;
  const there = copy.manifests.length - absent;
  return [
    `${leg.source.label}@${root.digest} to ${leg.destination.label}`,
    `  manifests  ${absent} to copy, ${there} there already`,
    `  blobs      ${copy.blobs.length} to copy`,
    `  bytes      ${bytes(copy.bytesToMove)} to move, ${bytes(copy.bytesPresent)} there already`,
    ...tags.moves.map(
      ({ name, class: kind, action, before }) =>
        `  tag        ${action} ${name} (${kind}), which points to ${before ?? 'nothing'} now`,
    ),
    ...(record === undefined ? [] : [`  record     of ${record.moves.map(({ tag }) => tag).join(', ')}`]),
  ];
}
