import type { Digest } from '../oci/digest.ts';
import type { ClassedTag } from '../policy/tags.ts';
import type { ArtifactFile } from './artifact-spdx.ts';
import { fileTable } from './file-table.ts';
import { type PlatformRow, platformTable, pullCommand } from './image-tables.ts';
import { code, escape, sections, table } from './markdown.ts';
import { shellBlock } from './shell-block.ts';
import { seconds } from './stage-line.ts';
import { type Visibility, visibilityText } from './visibility.ts';

/** A stage that was done, and how long it took. */
export type StageTime = readonly [stage: string, milliseconds: number];

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
  readonly took: readonly StageTime[];
  /** Tags that stay where they are, because a higher version has them. */
  readonly held?: readonly string[];
  /** Who can see a package that was published for the first time, and where a person changes that. */
  readonly visibility?: Visibility | undefined;
  /** `releaseSection` of this commit. */
  readonly release?: string | undefined;
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
        ...tagRows(build),
        ...visibilityRow(build),
        ...(build.took.length === 0 ? [] : [['Took', took(build)]]),
      ],
    ),
    ...pullSection(build),
    build.release,
  );
}

function headline({ digest, pushed, tagged, earlier }: BuildSummary): string {
  if (digest === undefined) return 'Build plan';
  if (earlier === true) return '♻️ Built by an earlier run, verified again';
  if (tagged === true) return '📦 Built, published and tagged without proof';
  return pushed ? '📦 Built and published by digest' : '📦 Built, not published';
}

function took({ took: stages }: BuildSummary): string {
  return stages.map(([stage, milliseconds]) => `${stage} ${seconds(milliseconds)}`).join(', ');
}

function pullSection({ image, digest, platforms, pushed }: BuildSummary): readonly string[] {
  if (!pushed || digest === undefined || platforms.length === 0) return [];
  return ['### Pull it', shellBlock([pullCommand(image, digest)])];
}

function visibilityRow({ visibility }: BuildSummary): string[][] {
  return visibility === undefined ? [] : [['Visibility', visibilityText(visibility)]];
}

function tagRows(build: BuildSummary): string[][] {
  const { tags, held = [] } = build;
  return [
    ...(tags.length === 0 ? [] : [[tagHeading(build), tags.map(tagText).join('<br>')]]),
    ...(held.length === 0 ? [] : [['Kept by a higher version', held.map(code).join('<br>')]]),
  ];
}

/** Tags of an image that is published wait for the job that has proof of its scan and signature. */
function tagHeading({ pushed, tagged, digest }: BuildSummary): string {
  return pushed && tagged !== true && digest !== undefined ? 'Pending tags' : 'Tags';
}

function tagText(tag: ClassedTag): string {
  return `${code(tag.name)} ${tag.class}`;
}
