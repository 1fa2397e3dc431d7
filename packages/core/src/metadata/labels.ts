import type { GitHubContext } from '../github/context.ts';
import { pickText } from '../runtime/pick.ts';

/** The keys that the OCI image specification names (annotations.md, "Pre-Defined Annotation Keys"). */
export type ImageLabels = Readonly<Record<string, string>>;

export interface LabelRequest {
  readonly github: Pick<GitHubContext, 'repository' | 'owner' | 'name' | 'serverUrl' | 'sha' | 'event'>;
  /** {@link ImageTags.version}. */
  readonly version: string;
  /** When the commit was made, so that equal commits give equal images. */
  readonly created?: Date | undefined;
  /** Lines of the `labels` input; they win. */
  readonly given?: ImageLabels;
}

/** SPDX ids are all that the key may hold; GitHub says NOASSERTION where it found a text of its own. */
const UNKNOWN_LICENCE = new Set(['NOASSERTION', 'NONE']);

/**
 * Labels from the event alone: no API call, so no token and no network. Sorted by key; what is not known is left out.
 */
export function imageLabels({ github, version, created, given = {} }: LabelRequest): ImageLabels {
  const { event, serverUrl, repository } = github;
  const url = pickText(event, 'repository', 'html_url') ?? `${serverUrl}/${repository}`;
  const licence = pickText(event, 'repository', 'license', 'spdx_id');
  const known: Record<string, string | undefined> = {
    created: created?.toISOString().replace('.000Z', 'Z'),
    documentation: pickText(event, 'repository', 'homepage'),
    description: pickText(event, 'repository', 'description'),
    licenses: licence === undefined || UNKNOWN_LICENCE.has(licence) ? undefined : licence,
    revision: github.sha,
    source: url,
    title: pickText(event, 'repository', 'name') ?? github.name,
    url,
    vendor: pickText(event, 'repository', 'owner', 'login') ?? github.owner,
    version,
  };
  const labels = Object.entries(known).map(([key, value]) => [`org.opencontainers.image.${key}`, value] as const);
  const all = new Map([...labels, ...Object.entries(given)]);
  return Object.fromEntries(
    [...all]
      .flatMap(([key, value]) => (value === undefined ? [] : [[key, oneLine(value)] as const]))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A description may have line ends; a label is passed on as one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();
}
