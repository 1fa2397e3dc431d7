import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree } from '@plimsoll/testkit/scan/subjects';
import { DEFAULT_IDENTITY, pushEvent } from '@plimsoll/testkit/world/identity';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;
let vulnerable: string;

beforeAll(async () => {
  bed = await ScanWorld.start();
  vulnerable = (await bed.subjects.image(alpineTree('1.2.5-r0'))).directory;
});
afterAll(() => bed.world.close());
afterEach(() => bed.policy(''));

function data(name: string, content: string | Buffer): string {
  const file = path.join(bed.world.directory, name);
  writeFileSync(file, content);
  return file;
}

describe('licences', () => {
  const module = {
    'app/node_modules/copyleft/package.json': '{"name":"copyleft","version":"1.0.0","license":"AGPL-3.0-only"}',
  };
  const lock = JSON.stringify({
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'app', version: '1.0.0', dependencies: { dual: '1.0.0', gpl: '1.0.0' } },
      'node_modules/dual': { version: '1.0.0', license: '(MIT OR GPL-3.0-only)', integrity: 'sha512-x' },
      'node_modules/gpl': { version: '1.0.0', license: 'GPL-3.0-only', integrity: 'sha512-y' },
    },
  });

  it('that are not allowed block, in the image and in lockfiles, and are suppressed by name', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r5'), module);
    const source = bed.subjects.source({ 'package-lock.json': lock });
    bed.policy('scan:\n  licences:\n    allow: [MIT, BSD-*]\n');
    const run = await bed.scan({ inputs: { layout: directory }, source });
    expect(errorCode(run)).toBe('scan-failed');
    expect(run.outputs['licences']).toBe('2');
    const found = reportOf(run).findings.map((finding) => [finding.id, finding.places[0]?.path]);
    expect(found).toEqual([
      ['AGPL-3.0-only', 'app/node_modules/copyleft/package.json'],
      ['GPL-3.0-only', 'package-lock.json'],
    ]);
    expect(run.summary).toContain('Licences that the policy refuses');
    const excuse = (id: string) => `\n    - {id: ${id}, reason: bought, expires: 2999-01-01}`;
    bed.policy(
      `scan:\n  licences:\n    deny: ['*GPL-*']\n  suppressions:${excuse('AGPL-3.0-only')}${excuse('GPL-3.0-only')}\n`,
    );
    expect(errorCode(await bed.scan({ inputs: { layout: directory }, source }))).toBeUndefined();
  });

  it('are not looked at unless the policy asks', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r5'), module);
    expect(errorCode(await bed.scan({ inputs: { layout: directory } }))).toBeUndefined();
  });
});

describe('exploitation', () => {
  const epss = (day: Date) =>
    `#model_version:v2025.03.14,score_date:${day.toISOString()}\ncve,epss,percentile\nCVE-2026-70001,0.42,0.97\n`;
  const kev = (...ids: readonly string[]) =>
    JSON.stringify({ dateReleased: new Date().toISOString(), vulnerabilities: ids.map((cveID) => ({ cveID })) });
  const policy = (lines: string) => bed.policy(`scan:\n  severity: [CRITICAL]\n${lines}`);

  it('blocks by probability, whatever the severity', async () => {
    const file = data('epss.csv.gz', gzipSync(epss(new Date())));
    policy(`  epss: {data: ${file}, threshold: 0.5}\n`);
    const below = await bed.scan({ inputs: { layout: vulnerable } });
    expect(errorCode(below)).toBeUndefined();
    expect(below.summary).toContain('EPSS 42.0 %');
    expect(reportOf(below).databases.map(({ name }) => name)).toContain('epss');
    policy(`  epss: {data: ${file}, threshold: 0.4}\n`);
    expect(errorCode(await bed.scan({ inputs: { layout: vulnerable } }))).toBe('scan-failed');
  });

  it('blocks what is known to be exploited', async () => {
    policy(`  kev: {data: [${data('kev.json', kev('CVE-2026-70001', 'CVE-2000-1'))}]}\n`);
    const run = await bed.scan({ inputs: { layout: vulnerable } });
    expect(errorCode(run)).toBe('scan-failed');
    expect(run.summary).toContain('known to be exploited');
  });

  it.each([
    ['is not there', () => '/nowhere/epss.csv'],
    ['is old', () => data('old.csv', epss(new Date(Date.now() - 30 * 86_400_000)))],
    ['is something else', () => data('page.csv', '<html>Log in</html>')],
  ])('is incomplete when the data %s', async (_name, file) => {
    policy(`  epss: {data: ${file()}, threshold: 0.9}\n`);
    const run = await bed.scan({ inputs: { layout: vulnerable } });
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.log).toContain('scan.epss.');
  });

  it('takes no file of the tree that is judged', async () => {
    policy('  kev: {data: kev.json}\n');
    expect(errorCode(await bed.scan({ inputs: { layout: vulnerable } }))).toBe('policy-invalid');
  });
});

describe('a release of an operating system that gets no more fixes', () => {
  it('is a note, or no verdict where the policy says so', async () => {
    const { directory } = await bed.subjects.safeImage();
    bed.policy('');
    const noted = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(noted)).toBeUndefined();
    expect(reportOf(noted).coverage.notes?.join()).toContain('alpine 3.20.1, gets no more security fixes');
    bed.policy('scan: { end-of-life: incomplete }\n');
    const refused = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(refused)).toBe('scan-incomplete');
    expect(refused.summary).toContain('alpine 3.20.1, gets no more security fixes');
  });
});

describe('a pull request that changes the policy', () => {
  const pull = {
    event: { ...pushEvent(), pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } } } },
    env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' },
  };
  const propose = (file: string, content: string) =>
    bed.world.github.repositories.setFileAt({
      repository: 'acme/app',
      path: file,
      ref: DEFAULT_IDENTITY.sha,
      content,
    });

  it('is judged by the default branch, and its summary shows the difference', async () => {
    bed.policy('scan:\n  severity: [HIGH]\n');
    propose('.github/plimsoll.yml', 'scan:\n  severity: []\n');
    const run = await bed.scan({ inputs: { layout: vulnerable }, ...pull });
    expect(errorCode(run)).toBe('scan-failed');
    expect(run.summary).toContain('-  severity: [HIGH]\n+  severity: []');
    expect(reportOf(run).proposed.changes).toHaveLength(1);
  });

  it('is told when the new policy would not be valid', async () => {
    propose('.github/plimsoll.yml', 'scan:\n  sevrity: []\n');
    const run = await bed.scan({ inputs: { layout: vulnerable }, ...pull });
    expect(run.summary).toContain('not valid');
  });

  it('a push says nothing of it', async () => {
    propose('.github/plimsoll.yml', 'scan:\n  severity: []\n');
    const run = await bed.scan({ inputs: { layout: vulnerable } });
    expect(reportOf(run).proposed).toEqual({ changes: [], notes: [] });
  });
});
