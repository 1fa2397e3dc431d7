import type { ScanReport } from '@plimsoll/core/stages/scan/report';
import type { Tree } from '@plimsoll/testkit/layout/image-layout';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { CLEAN_IMAGE, CORPUS, CORPUS_ADVISORIES } from '@plimsoll/testkit/scan/corpus';
import { reportOf } from '@plimsoll/testkit/scan/scan-world';
import { ScanSubjects } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let subjects: ScanSubjects;
let databases: PublishedDatabases;

beforeAll(async () => {
  world = await startWorld({ parts: ['github', 'hub'], tools: ['trivy', 'osv-scanner'] });
  subjects = new ScanSubjects(world.directory);
  databases = await world.databases.publish(CORPUS_ADVISORIES);
});
afterAll(() => world.close());

describe('the corpus', () => {
  it.each(CORPUS)('$name: $outcome', async ({ image = CLEAN_IMAGE, source, policy, outcome, findings }) => {
    if (policy !== undefined) world.github.setFile('acme/app', '.github/plimsoll.yml', policy);
    const { directory } = await subjects.image(...image);
    const tree = subjects.source(source ?? {});
    const given = { 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb, layout: directory };
    const inputs = { ...given, image: 'ghcr.io/acme/app', ...(source === undefined ? { source: '' } : {}) };
    const run = await runAction({ action: 'scan', world, inputs, cwd: tree });
    world.github.repositories.removeFile('acme/app', '.github/plimsoll.yml');
    expect(run.outputs['outcome'], run.log).toBe(outcome);
    expect(run.exitCode).toBe(outcome === 'pass' ? 0 : 1);
    const report = reportOf(run);
    expect(report.findings.map(({ id }) => id).toSorted()).toEqual(findings);
    expect(report.isolation).not.toBe('none');
    for (const { named, line } of lockedPackages(report, source ?? {})) expect(line).toContain(named);
  });
});

/** The last part of the name of each package that a lockfile brought in, and the line of the file that the report gives for it. */
function lockedPackages({ findings }: ScanReport, source: Tree) {
  return findings.flatMap((finding) =>
    finding.kind !== 'vulnerability'
      ? []
      : finding.places.flatMap((place) => {
          if (place.in !== 'source') return [];
          const line = String(source[place.path]).split('\n')[(place.line ?? 0) - 1];
          return [{ named: finding.package.name.split('/').at(-1) ?? '', line }];
        }),
  );
}
