import type { Digest } from '../oci/digest.ts';
import type { ClassedTag } from '../policy/tags.ts';
import type { ArtifactFile } from './artifact-spdx.ts';
import { fileTable } from './file-table.ts';
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
  /** Of an artifact that is no image. */
  readonly files?: readonly ArtifactFile[];
  readonly tags: readonly ClassedTag[];
  /** Whether the bytes are in the registry; they are then reachable by digest. */
  readonly pushed: boolean;
  /** Whether the tags were written with the upload; otherwise they wait for a signature. */
  readonly tagged?: boolean;
  /** Whether an earlier run made it. */
  readonly earlier?: boolean;
  /** The Dockerfile, relative to the workspace; absent when nothing was built. */
  readonly file?: string;
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
    fileTable(build.files ?? []),
    table(
      ['', ''],
      [
        ...(build.file === undefined ? [] : [['Dockerfile', code(build.file)]]),
        ...(layout === undefined ? [] : [['Layout', code(layout)]]),
        [tagHeading(build), build.tags.map(tagText).join('<br>')],
        ...(build.earlier === true ? [] : [['Took', seconds(build.milliseconds)]]),
      ],
    ),
  );
}

function headline({ digest, pushed, tagged, earlier }: BuildSummary): string {
  if (digest === undefined) return 'Build plan';
  if (earlier === true) return '♻️ Built by an earlier run, verified again';
  if (tagged === true) return '📦 Built, published and tagged without proof';
  return pushed ? '📦 Built and published by digest' : '📦 Built, not published';
}

/** Tags of an image that is published wait for the job that has proof of its scan and signature. */
function tagHeading({ pushed, tagged, digest }: BuildSummary): string {
  return pushed && tagged !== true && digest !== undefined ? 'Pending tags' : 'Tags';
}

function tagText(tag: ClassedTag): string {
  return `${code(tag.name)} ${tag.class}`;
}
