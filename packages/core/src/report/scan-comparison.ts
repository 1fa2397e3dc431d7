import type { VulnerabilityFinding } from '../policy/findings.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { code, escape, sections, table } from './markdown.ts';

const TOP = 10;

/** What is new, what has only become known, and what is gone. */
export function comparisonSection({ comparison }: ScanReport): string {
  if (comparison === undefined) return '';
  const { against, introduced, disclosed, fixed, unchanged, decides, notes } = comparison;
  const told = notes.map((note) => `- ${escape(note)}`).join('\n');
  if (against.length === 0) return sections('### What is new', `This could not be compared:\n\n${told}`);
  return sections(
    '### What is new',
    `Compared with ${against.map(code).join(' and ')}, by the same databases.${decides ? ' **Only what is introduced blocks.**' : ''}`,
    table(
      ['', { heading: 'Vulnerabilities', align: 'right' }, 'Such as'],
      [
        ['introduced', String(introduced.length), examples(introduced)],
        ['there before, newly disclosed', String(disclosed.length), examples(disclosed)],
        ['there before', String(unchanged), ''],
        ['fixed', String(fixed.length), examples(fixed)],
      ],
    ),
    told,
  );
}

function examples(findings: readonly VulnerabilityFinding[]): string {
  const shown = findings.slice(0, TOP).map((each) => `${escape(each.id)} in ${code(each.package.name)}`);
  return [...shown, ...(findings.length > TOP ? ['…'] : [])].join(', ');
}
