import type { Comparison } from '../stages/promote/compare.ts';
import type { ContentsDifference, Vulnerability } from '../stages/promote/contents.ts';
import { code, details, escape, sections, table } from './markdown.ts';

const MOST_ROWS = 200;

/** What changed since the image that the tags pointed to before: packages, and known vulnerabilities. */
export function contentsTable({ before, difference, problem }: Comparison): string {
  const title = `### Compared with ${code(before.slice(0, before.indexOf(':') + 13))}`;
  if (difference === undefined) return sections(title, `Not compared: ${escape(problem ?? 'there is no evidence')}`);
  return sections(title, packages(difference), vulnerabilities(difference));
}

function packages({ packages: found }: ContentsDifference): string {
  if (found === undefined) return 'Packages: not compared, since one of the two has no accepted SBOM.';
  const { added, removed, changed } = found;
  const rows = [
    ...changed.map(({ name, from, to }) => ['changed', escape(name), `${escape(from)} → ${escape(to)}`]),
    ...added.map((name) => ['added', escape(name), '']),
    ...removed.map((name) => ['removed', escape(name), '']),
  ];
  const line = `Packages: ${changed.length} changed, ${added.length} added, ${removed.length} removed`;
  return rows.length === 0 ? `${line}.` : details(line, table(['', 'Package', 'Version'], rows.slice(0, MOST_ROWS)));
}

function vulnerabilities({ vulnerabilities: found }: ContentsDifference): string {
  if (found === undefined) return 'Vulnerabilities: not compared, since one of the two has no accepted scan.';
  const { appeared, gone } = found;
  const row = (what: string) => (each: Vulnerability) => [what, escape(each.name), each.severity];
  const rows = [...appeared.map(row('new')), ...gone.map(row('gone'))];
  const line = `Vulnerabilities, each as of its own scan: ${appeared.length} new, ${gone.length} gone`;
  return rows.length === 0
    ? `${line}.`
    : details(line, table(['', 'Vulnerability', 'Severity'], rows.slice(0, MOST_ROWS)));
}
