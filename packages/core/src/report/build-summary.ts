import type { Digest } from '../oci/digest.ts';
import type { ClassedTag } from '../policy/tags.ts';
import { type PlatformRow, platformTable } from './image-tables.ts';
import { code, escape, sections, table } from './markdown.ts';
import { seconds } from './stage-line.ts';

/** What the build action tells of itself. */
export interface BuildSummary {
  /** `registry/repository`. */
  readonly image: string;
  readonly version: string;
  /** Absent on a dry run. */
  readonly digest?: Digest;
  readonly platforms: readonly PlatformRow[];
  readonly tags: readonly ClassedTag[];
  /** Whether the bytes are in the registry; they are then reachable by digest. */
  readonly pushed: boolean;
  /** The Dockerfile, relative to the workspace. */
  readonly file: string;
  /** Directory of the layout, for the next step of the job. */
  readonly layout?: string;
  readonly milliseconds: number;
}

/** The job summary of a build: what was made, of what, where it is, and which tags wait for its signature. */
export function buildSummary(build: BuildSummary): string {
  const { image, version, digest, layout } = build;
  return sections(
    `## ${headline(build)}: ${code(image)} ${escape(version)}`,
    digest === undefined ? undefined : code(`${image}@${digest}`),
    platformTable(build.platforms),
    table(
      ['', ''],
      [
        ['Dockerfile', code(build.file)],
        ...(layout === undefined ? [] : [['Layout', code(layout)]]),
        ['Tags', build.tags.map(tagText).join('<br>')],
        ['Took', seconds(build.milliseconds)],
      ],
    ),
  );
}

function headline({ digest, pushed }: BuildSummary): string {
  if (digest === undefined) return 'Build plan';
  return pushed ? '📦 Built and published by digest' : '📦 Built, not published';
}

function tagText(tag: ClassedTag): string {
  return `${code(tag.name)} ${tag.class}`;
}
