import type { BoxState, Diagram } from './diagram.ts';
import { htmlPage } from './html-page.ts';
import { code, details, escape, sections, table } from './markdown.ts';
import { mermaidBlock } from './mermaid.ts';
import { isDone, journey, type PipelineSummary, pipelineSummary, publication } from './pipeline-summary.ts';
import { short } from './promote-summary.ts';
import type { Drawing } from './trends.ts';

/** One image of a family, as its summary tells it. */
export interface MemberSummary {
  readonly name: string;
  /** Names of the images that it is built on. */
  readonly needs: readonly string[];
  /** The image that failed, where this one was not built because of it. */
  readonly stoppedBy?: string | undefined;
  readonly run: PipelineSummary;
}

type State = 'done' | 'failed' | 'stopped';

/** The job summary of a family: what became of it as a whole, a row for each image, and each image's own summary below. */
export function familySummary(members: readonly MemberSummary[], drawing: Drawing = 'text'): string {
  return sections(
    `## ${headline(members)}`,
    mermaidBlock(standing(members)),
    memberTable(members),
    ...members.map((member) => {
      const failed = stateOf(member) === 'failed';
      const body = pipelineSummary(member.run, drawing);
      return failed ? body : details(`${member.name}: ${member.run.image}`, body);
    }),
  );
}

/** The same as one page of HTML. */
export function familyPage(members: readonly MemberSummary[]): string {
  const own = members.flatMap(({ run }) => [
    journey(run.stages),
    ...(run.evidence === undefined ? [] : [run.evidence]),
  ]);
  const title = members.map(({ name }) => name).join(', ');
  return htmlPage({ title, markdown: familySummary(members, 'svg'), diagrams: [standing(members), ...own] });
}

const BOXES: Readonly<Record<State, BoxState>> = { done: 'good', failed: 'bad', stopped: 'idle' };

/** Which image stands on which. */
function standing(members: readonly MemberSummary[]): Diagram {
  const at = (name: string) => members.findIndex((member) => member.name === name);
  return {
    title: `What stands on what: ${members.map((member) => `${member.name} ${stateOf(member)}`).join(', ')}`,
    boxes: members.map((member) => ({
      lines: [member.name, member.run.digest === undefined ? stateOf(member) : short(member.run.digest)],
      state: BOXES[stateOf(member)],
    })),
    arrows: members.flatMap(({ needs }, index) => needs.map((need) => [at(need), index] as const)),
  };
}

function headline(members: readonly MemberSummary[]): string {
  const count = `${members.length} images`;
  const failed = members.filter((member) => stateOf(member) === 'failed');
  const names = failed.map(({ name, run }) => `${code(name)} at ${stoppedAt(run)}`).join(', ');
  const uploaded = members.some(({ run }) => run.resumed || isDone(run, 'publish'));
  if (failed.length > 0)
    return `❌ ${count}: stopped by ${names}; ${uploaded ? 'no tag was moved' : 'nothing was uploaded'}`;
  if (members.every(({ run }) => run.resumed)) return `✅ ${count} were published before; verified again`;
  if (!uploaded) return `✅ ${count} were built and scanned; nothing was uploaded`;
  return `✅ ${count} are ${publication(members.map(({ run }) => run))}`;
}

function memberTable(members: readonly MemberSummary[]): string {
  const digests = new Map(members.map(({ name, run }) => [name, run.digest]));
  const on = ({ needs }: MemberSummary) =>
    needs.map((need) => `${escape(need)} ${code(short(digests.get(need) ?? ''))}`.trim()).join('<br>');
  return table(
    ['', 'Image', 'Stands on', 'What became of it', 'Digest', 'Tags'],
    members.map((member) => [
      MARKS[stateOf(member)],
      `**${escape(member.name)}**<br>${code(member.run.image)}`,
      on(member),
      escape(ending(member)),
      member.run.digest === undefined ? '' : code(member.run.digest),
      tagsOf(member.run).join('<br>'),
    ]),
  );
}

function tagsOf({ tags, pending = [] }: PipelineSummary): readonly string[] {
  return [...tags.map(({ name }) => code(name)), ...pending.map(({ name }) => `${code(name)} (pending)`)];
}

const MARKS: Readonly<Record<State, string>> = { done: '✅', failed: '❌', stopped: '⏭️' };

function stateOf({ stoppedBy, run }: MemberSummary): State {
  if (stoppedBy !== undefined) return 'stopped';
  return run.stages.some(({ result }) => result === 'failed') ? 'failed' : 'done';
}

function ending(member: MemberSummary): string {
  const { stoppedBy, run } = member;
  if (stoppedBy !== undefined) return `not built, because of ${stoppedBy}`;
  if (stateOf(member) === 'failed') return `stopped at ${stoppedAt(run)}`;
  if (run.resumed) return 'published before, verified again';
  const scan = run.stages.find(({ stage, result }) => stage === 'scan' && result === 'done');
  return scan === undefined ? '' : `scan: ${scan.detail}`;
}

function stoppedAt({ stages }: PipelineSummary): string {
  return stages.find(({ result }) => result === 'failed')?.stage ?? '';
}
