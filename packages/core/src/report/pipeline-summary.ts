import type { Digest } from '../oci/digest.ts';
import type { Comparison } from '../stages/promote/compare.ts';
import type { ClassedTag } from '../policy/tags.ts';
import type { TagMove } from '../stages/tags.ts';
import type { Trends } from '../stages/trends.ts';
import type { BoxState, Diagram } from './diagram.ts';
import type { ArtifactFile } from './artifact-spdx.ts';
import { contentsTable } from './contents-table.ts';
import { fileTable } from './file-table.ts';
import { htmlPage } from './html-page.ts';
import { type PlatformRow, platformTable, pullCommand } from './image-tables.ts';
import { code, details, escape, sections, table } from './markdown.ts';
import { mermaidBlock } from './mermaid.ts';
import { shellBlock } from './shell-block.ts';
import { tagTable } from './promote-summary.ts';
import type { SmokeResult } from '../stages/smoke/judgement.ts';
import { smokeSection } from './smoke-table.ts';
import { seconds } from './stage-line.ts';
import { type Drawing, trendsSection } from './trends.ts';
import { type Visibility, visibilityText } from './visibility.ts';

/** How one stage of the path ended. */
export interface StageRow {
  readonly stage: 'build' | 'scan' | 'smoke' | 'publish' | 'sign' | 'verify' | 'tag';
  readonly result: 'done' | 'failed' | 'skipped';
  /** A few words: `pass, 2 platforms`, `14.2 MB`. */
  readonly detail: string;
  readonly milliseconds?: number;
}

/** What the whole path tells of itself, also when it ended early. */
export interface PipelineSummary {
  /** `registry/repository`. */
  readonly image: string;
  /** What a person calls this image. */
  readonly version: string;
  /** Absent when the build failed. */
  readonly digest?: Digest;
  /** An earlier run had published and signed this commit. */
  readonly resumed: boolean;
  readonly stages: readonly StageRow[];
  readonly platforms: readonly PlatformRow[];
  /** Of an artifact that is no image. */
  readonly files?: readonly ArtifactFile[];
  readonly tags: readonly TagMove[];
  /** Tags that a later job writes, once it has proof. */
  readonly pending?: readonly ClassedTag[];
  /** Whether an engine can pull it: it is an image, and in the registry. */
  readonly pullable: boolean;
  /** `verifyCommands`; empty when nothing was signed. */
  readonly commands: readonly string[];
  /** Where the policy came from: `acme/app/.github/plimsoll.yml@main`. */
  readonly policy: string;
  /** `evidenceDiagram` of what was verified. */
  readonly evidence?: Diagram;
  /** What came of starting the image, where that was asked for. */
  readonly smoke?: readonly SmokeResult[];
  /** Of a package that was published for the first time. */
  readonly visibility?: Visibility | undefined;
  /** `releaseSection` of this commit. */
  readonly release?: string | undefined;
  /** The scan's own summary, shown folded; unfolded when the scan is what failed. */
  readonly scan?: string;
  /** What is different from what the moving tag pointed to; asked for by `trends`. */
  readonly contents?: Comparison;
  /** The releases and runs before; asked for by `trends`. */
  readonly trends?: Trends;
}

const MARKS: Readonly<Record<StageRow['result'], string>> = { done: '✅', failed: '❌', skipped: '⏭️' };

/** The job summary of the path: the verdict in the first line, then the digest, then how it came about. */
export function pipelineSummary(run: PipelineSummary, drawing: Drawing = 'text'): string {
  const scanFailed = run.stages.some(({ stage, result }) => stage === 'scan' && result === 'failed');
  return sections(
    `## ${headline(run)}`,
    run.digest === undefined ? undefined : code(`${run.image}@${run.digest}`),
    mermaidBlock(journey(run.stages)),
    stageTable(run.stages),
    scanFailed ? run.scan : undefined,
    smokeSection(run.smoke ?? []),
    tagSection(run),
    run.platforms.length === 0 ? undefined : '### Platforms',
    platformTable(run.platforms),
    run.files === undefined ? undefined : '### Files',
    run.files === undefined ? undefined : fileTable(run.files),
    run.contents === undefined ? undefined : contentsTable(run.contents),
    run.trends === undefined ? undefined : trendsSection(run.trends, drawing),
    run.evidence === undefined ? undefined : details('The evidence of this digest', mermaidBlock(run.evidence)),
    commandSection(run),
    run.scan === undefined || scanFailed ? undefined : details('What the scan looked at and found', run.scan),
    run.release,
    run.visibility === undefined ? undefined : `Visibility: ${visibilityText(run.visibility)}`,
    `Policy: ${code(run.policy)}`,
  );
}

const STATES: Readonly<Record<StageRow['result'], BoxState>> = { done: 'good', failed: 'bad', skipped: 'idle' };

/** The way of the image, from the first stage to the last. */
export function journey(stages: readonly StageRow[]): Diagram {
  return {
    title: `The way of the image: ${stages.map(({ stage, result }) => `${stage} ${result}`).join(', ')}`,
    boxes: stages.map(({ stage, result, milliseconds }) => ({
      lines: [stage, milliseconds === undefined ? result : seconds(milliseconds)],
      state: STATES[result],
    })),
    arrows: stages.slice(1).map((_stage, index) => [index, index + 1]),
  };
}

/** The same as one page of HTML. */
export function pipelinePage(run: PipelineSummary): string {
  const diagrams = [journey(run.stages), ...(run.evidence === undefined ? [] : [run.evidence])];
  return htmlPage({ title: `${run.image} ${run.version}`, markdown: pipelineSummary(run, 'svg'), diagrams });
}

/** A run that failed may have published its image; nobody is told to pull that. */
function commandSection(run: PipelineSummary): string | undefined {
  const isFine = run.stages.every(({ result }) => result !== 'failed');
  const pull = run.pullable && isFine && run.digest !== undefined ? [pullCommand(run.image, run.digest)] : [];
  const commands = [...pull, ...run.commands];
  if (commands.length === 0) return undefined;
  return sections(run.commands.length === 0 ? '### Pull it' : '### Check it yourself', shellBlock(commands));
}

function tagSection({ tags, pending = [] }: PipelineSummary): string | undefined {
  if (tags.length + pending.length === 0) return undefined;
  const waiting = `Pending tags are written by a later job: the sign action with ${code('move-tags')}.`;
  return sections('### Tags', tagTable(tags, { pending }), pending.length === 0 ? undefined : waiting);
}

function headline(run: PipelineSummary): string {
  const name = `${code(run.image)} ${escape(run.version)}`;
  const failed = run.stages.find(({ result }) => result === 'failed');
  const uploaded = run.resumed || isDone(run, 'publish');
  if (failed !== undefined) {
    return `❌ ${name} stopped at ${failed.stage}; ${uploaded ? 'no tag was moved' : 'nothing was uploaded'}`;
  }
  if (run.resumed) return `✅ ${name} was published before; verified again`;
  if (!uploaded) return `✅ ${name} was built and scanned; nothing was uploaded`;
  return `✅ ${name} is ${publication([run])}`;
}

/** What became of images that are in the registry. */
export function publication(runs: readonly PipelineSummary[]): string {
  const proved = runs.every((run) => run.resumed || isDone(run, 'verify'));
  if (runs.every(({ tags }) => tags.length > 0))
    return proved ? 'published, signed, verified and tagged' : 'published and tagged without a signature';
  return proved ? 'published by digest, signed and verified' : 'published by digest';
}

/** Whether a stage was done. */
export function isDone({ stages }: Pick<PipelineSummary, 'stages'>, wanted: StageRow['stage']): boolean {
  return stages.some(({ stage, result }) => stage === wanted && result === 'done');
}

function stageTable(stages: readonly StageRow[]): string {
  return table(
    ['', 'Stage', '', { heading: 'Time', align: 'right' }],
    stages.map(({ stage, result, detail, milliseconds }) => [
      MARKS[result],
      stage,
      escape(detail),
      milliseconds === undefined ? '' : seconds(milliseconds),
    ]),
  );
}
