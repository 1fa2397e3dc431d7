import { bytes } from './bytes.ts';
import type { DatabaseAnswer } from '../stages/scan/database.ts';
import type { IsolationLevel } from '../tools/isolation.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { describeAge, plural } from './wording.ts';
import { code, details, escape, sections, table } from './markdown.ts';

const ISOLATION: Readonly<Record<IsolationLevel, string>> = {
  namespaces: 'The scanners ran in namespaces of their own: no network, and nothing of this job to be seen.',
  'other-user':
    'The scanners ran as another user in namespaces of their own: no network, and nothing of this job to be seen.',
  none: '**The scanners were not isolated** from this job and its tokens, as the policy allows.',
};

/** What was looked at, with which databases and how old they were. */
export function coverageSection(report: ScanReport): string {
  const { platforms, files = [], ecosystems, source, inlineIgnores, switchedOff, notes = [] } = report.coverage;
  const looked = [
    ...platforms.map(({ platform, packages, operatingSystem, digest }) => [
      `image ${escape(platform)}`,
      `${escape(operatingSystem ?? 'no operating system packages')}, ${plural(packages, 'package')}`,
      code(digest.slice(0, 19)),
    ]),
    ...files.map(({ name, size, digest, closed }) => [
      `file ${code(name)}`,
      closed
        ? `${bytes(size)}, **not opened**: only its outside was seen`
        : `${bytes(size)}, secrets, misconfiguration`,
      code(digest.slice(0, 19)),
    ]),
    ...ecosystems.map(({ ecosystem, packages, lockfiles }) => [
      `lockfiles ${escape(ecosystem)}`,
      plural(packages, 'package'),
      lockfiles.slice(0, 5).map(code).join(', '),
    ]),
    ...(source ? [['source tree', 'secrets, misconfiguration', '']] : []),
  ];
  const ignored = inlineIgnores.map(code).join(', ');
  return details(
    `What was looked at: ${files.length > 0 ? plural(files.length, 'file') : plural(platforms.length, 'platform')}, ${plural(report.databases.length, 'database')}`,
    sections(
      table(['', 'Found there', ''], looked),
      table(
        ['Database', 'Made', 'Age', 'From'],
        report.databases.map((answer) => databaseRow(answer, report.startedAt)),
      ),
      switchedOff.length === 0 ? '' : `Switched off by the job: ${switchedOff.map(escape).join(', ')}.`,
      notes.map((note) => `- ${escape(note)}`).join('\n'),
      ignored === '' ? '' : `Comments that switch checks off were not obeyed in ${ignored}.`,
      `Scanned with ${report.tools.map(({ name, version }) => `${name} ${version}`).join(' and ')}, under ${policyText(report)}. ${ISOLATION[report.isolation]}`,
    ),
  );
}

/** What judged, with a digest for each thing that has one. */
function policyText({ policyDigest, policySources }: ScanReport): string {
  const parts = policySources.map(({ name, digest }) =>
    digest === undefined ? code(name) : `${code(name)} ${code(digest.slice(0, 19))}`,
  );
  const whole = `the policy ${code(policyDigest.slice(0, 19))}`;
  return parts.length < 2 ? whole : `${whole}, made of ${parts.join(', ')}`;
}

function databaseRow({ name, database, failed }: DatabaseAnswer, now: Date): string[] {
  const tried = failed.map(({ source, problem }) => `${code(source)}: ${escape(problem)}`).join('<br>');
  if (database === undefined) return [escape(name), '–', '–', tried];
  const { updatedAt, source, digest } = database;
  return [
    escape(name),
    updatedAt === undefined ? 'not known' : updatedAt.toISOString().slice(0, 16).replace('T', ' '),
    updatedAt === undefined ? 'not known' : describeAge(now.getTime() - updatedAt.getTime()),
    [`${code(source.split('@', 1)[0] ?? source)} ${code(digest.slice(0, 19))}`, tried]
      .filter((part) => part !== '')
      .join('<br>not used: '),
  ];
}
