import { type Advisory, type Affected, ghsaOf, isLanguagePackage, SEVERITY_CVSS } from './advisory.ts';
import { type ZipEntry, zipOf } from './zip.ts';

const OS_NAMES = { debian: 'Debian', ubuntu: 'Ubuntu', alpine: 'Alpine' } as const;

/** There is an archive for each of these, also when no advisory is about it. */
const ALWAYS = [
  'Go',
  'npm',
  'PyPI',
  'crates.io',
  'Maven',
  'RubyGems',
  'NuGet',
  'Packagist',
  'Debian',
  'Alpine',
] as const;

/** OSV's archives by ecosystem, each a zip of records (OSV schema 1.7). */
export function osvDatabases(advisories: readonly Advisory[]): Map<string, Buffer> {
  const records = new Map<string, ZipEntry[]>(ALWAYS.map((name) => [name, [filler(name)]]));
  for (const advisory of advisories) {
    for (const name of new Set(advisory.affected.map(archiveOf))) {
      const entries = records.get(name) ?? [filler(name)];
      entries.push(recordEntry(advisory, name));
      records.set(name, entries);
    }
  }
  return new Map([...records].map(([name, entries]) => [name, zipOf(entries)]));
}

/** An archive is named after the ecosystem without its release. */
function archiveOf(affected: Affected): string {
  return isLanguagePackage(affected) ? affected.ecosystem : OS_NAMES[affected.os];
}

function ecosystemOf(affected: Affected): string {
  if (isLanguagePackage(affected)) return affected.ecosystem;
  return `${OS_NAMES[affected.os]}:${affected.os === 'alpine' ? 'v' : ''}${affected.release}`;
}

function recordEntry(advisory: Advisory, archive: string): ZipEntry {
  const affected = advisory.affected.filter((each) => archiveOf(each) === archive);
  const isLanguage = affected.some(isLanguagePackage);
  // GitHub's advisories are about languages; distributions use their own numbers.
  const id = isLanguage ? ghsaOf(advisory) : `${archive.toUpperCase()}-${advisory.id}`;
  return jsonEntry({
    schema_version: '1.7.0',
    id,
    aliases: isLanguage ? [advisory.id] : [],
    upstream: isLanguage ? [] : [advisory.id],
    published: '2026-01-02T00:00:00Z',
    modified: '2026-02-03T00:00:00Z',
    summary: advisory.title,
    details: advisory.description ?? advisory.title,
    severity: [{ type: 'CVSS_V3', score: SEVERITY_CVSS[advisory.severity].vector }],
    database_specific: { severity: advisory.severity },
    references: [{ type: 'WEB', url: `https://nvd.nist.gov/vuln/detail/${advisory.id}` }],
    affected: affected.map(affectedRecord),
  });
}

function affectedRecord(affected: Affected): unknown {
  const introduced = isLanguagePackage(affected) ? (affected.introduced ?? '0') : '0';
  const events = [{ introduced }, ...(affected.fixed === undefined ? [] : [{ fixed: affected.fixed }])];
  const isSemver = isLanguagePackage(affected) && SEMVER.has(affected.ecosystem);
  return {
    package: { ecosystem: ecosystemOf(affected), name: affected.package },
    ranges: [{ type: isSemver ? 'SEMVER' : 'ECOSYSTEM', events }],
  };
}

const SEMVER: ReadonlySet<string> = new Set(['Go', 'npm', 'crates.io']);

/** An archive without any record is not one that a scanner would load. */
function filler(ecosystem: string): ZipEntry {
  return jsonEntry({
    schema_version: '1.7.0',
    id: `PLIMSOLL-${ecosystem.toUpperCase().replaceAll(/\W/g, '')}-0`,
    modified: '2026-01-01T00:00:00Z',
    summary: 'About a package that does not exist',
    affected: [
      {
        package: { ecosystem: ecosystem === 'Alpine' ? 'Alpine:v3.20' : ecosystem, name: 'plimsoll-no-such-package' },
        versions: ['0.0.0-none'],
      },
    ],
  });
}

function jsonEntry(record: { readonly id: string } & Record<string, unknown>): ZipEntry {
  return { name: `${record.id}.json`, content: Buffer.from(JSON.stringify(record)) };
}
