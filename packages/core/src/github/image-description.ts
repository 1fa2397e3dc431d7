import { imageAnnotations } from '../metadata/annotations.ts';
import { globalExpressions, type TagSource } from '../metadata/expressions.ts';
import type { ImageDescription } from '../metadata/image-plan.ts';
import { imageLabels } from '../metadata/labels.ts';
import { imageTags, type TagInputs } from '../metadata/tags.ts';
import { badLine } from '../metadata/tag-entry.ts';
import { render } from '../metadata/template.ts';
import type { TagRules } from '../policy/tags.ts';
import { commitTimestamp, describeRef, type GitHubContext } from './context.ts';

/** The inputs that name and describe an image. */
export interface MetadataInputs extends TagInputs {
  /** Templates. */
  readonly labels: Readonly<Record<string, string>>;
  /** Lines with levels; templates. */
  readonly annotations: readonly string[];
  /** Full ref in place of the event's. */
  readonly ref: string | undefined;
  /** Full commit in place of the event's. */
  readonly sha: string | undefined;
  readonly created: 'commit' | 'now';
  /** Build a commit that has an image once more; `auto` on a schedule. */
  readonly forceRebuild: 'auto' | 'true' | 'false';
}

export interface DescriptionPorts {
  readonly github: GitHubContext;
  readonly rules: TagRules;
  readonly now: Date;
  /** When a commit of the checkout was made; asked only for what the event does not say. */
  readonly commitTime: (sha: string) => Promise<Date | undefined>;
}

/**
 * What the event and the inputs say an image is called and labelled. No request is made.
 * @throws PlimsollError `input-invalid`, `input-conflict`, `event-invalid`
 */
export async function describeImage(given: MetadataInputs, ports: DescriptionPorts): Promise<ImageDescription> {
  const { github, rules, now } = ports;
  const source = await tagSource(given, ports);
  const tags = imageTags(source, given, rules);
  const expressions = globalExpressions(source);
  const rendered = (input: string) => (text: string) => {
    try {
      return render(text, expressions);
    } catch (cause) {
      throw badLine(input, text, cause);
    }
  };
  const own = Object.entries(given.labels).map(([key, value]) => [key, rendered('labels')(value)] as const);
  const created = given.created === 'now' ? now : source.commitDate;
  const run = { github: { ...github, sha: source.sha }, version: tags.version, created };
  const labels = imageLabels({ ...run, given: Object.fromEntries(own) });
  const known = imageLabels(run);
  const lines = given.annotations.map(rendered('annotations')).map(oneLine);
  const annotations = imageAnnotations(known, lines);
  return { tags, labels, known, annotations, createdAt: given.created === 'now' ? undefined : source.commitDate };
}

/** As labels are: the outputs have one per line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

async function tagSource(given: MetadataInputs, { github, now, commitTime }: DescriptionPorts): Promise<TagSource> {
  const sha = given.sha ?? github.sha;
  const ref = given.ref === undefined ? {} : describeRef(given.ref);
  const commitDate = commitTimestamp(github.event, sha) ?? (await commitTime(sha));
  return {
    ...github,
    ...ref,
    refGiven: given.ref !== undefined,
    sha,
    commitDate,
    now,
    rebuild: rebuildOf(given, github),
  };
}

/** A schedule builds to take in newer bases, which the image of the same commit does not have. */
function rebuildOf({ forceRebuild }: MetadataInputs, { eventName, runId, runAttempt }: GitHubContext) {
  const wanted = forceRebuild === 'auto' ? eventName === 'schedule' : forceRebuild === 'true';
  return wanted ? `${runId}-${runAttempt}` : undefined;
}

/** The commit whose image a run takes over if there is one; none where it is built once more. */
export function commitTakenOver(given: MetadataInputs, github: GitHubContext): string | undefined {
  return rebuildOf(given, github) === undefined ? (given.sha ?? github.sha) : undefined;
}
