import type { ArtifactFile } from './artifact-spdx.ts';
import { bytes } from './bytes.ts';
import { code, table } from './markdown.ts';

/** Lists longer than this are cut; the manifest has all. */
const SHOWN = 100;

/** What an artifact is made of; empty where there is nothing to list. */
export function fileTable(files: readonly ArtifactFile[]): string {
  if (files.length === 0) return '';
  const rows = files
    .slice(0, SHOWN)
    .map(({ name, mediaType, size, digest }) => [code(name), code(mediaType), bytes(size), code(digest.slice(0, 19))]);
  const more = files.length > SHOWN ? [[`and ${files.length - SHOWN} more`, '', '', '']] : [];
  return table(['File', 'Media type', { heading: 'Size', align: 'right' }, ''], [...rows, ...more]);
}
