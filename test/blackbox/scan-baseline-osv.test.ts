import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { attestEach, publishLayout, spdxOf } from '@plimsoll/testkit/scan/published-image';
import { reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree } from '@plimsoll/testkit/scan/subjects';
import { afterAll, beforeAll, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start(['ghcr', 'sigstore'], ['cosign', 'syft']);
  bed.policy(`verify:\n  issuer: ${bed.world.sigstore.issuer}\n`);
  const affected = [{ ecosystem: 'npm', package: 'JSONStream', fixed: '1.0.1' }] as const;
  await bed.publish([{ id: 'CVE-2026-70009', title: 'JSONStream', severity: 'CRITICAL', affected }]);
});
afterAll(() => bed.world.close());

it('a baseline whose own scan is attested knew what only osv-scanner saw', async () => {
  const module = { 'app/node_modules/JSONStream/package.json': '{"name":"JSONStream","version":"1.0.0"}' };
  const tree = { ...alpineTree('1.2.5-r5'), ...module };
  const written = await bed.subjects.image(tree);
  const baseline = await publishLayout(bed.world, written);
  await attestEach(bed.world, { written, predicate: await spdxOf(bed.world, tree) });
  const inputs = { image: 'ghcr.io/acme/app', layout: written.directory };
  const { outputs } = await bed.scan({ inputs });
  const file = path.join(path.dirname(outputs['report'] ?? ''), 'vuln-linux-amd64.json');
  const predicate = JSON.parse(readFileSync(file, 'utf8')) as object;
  await attestEach(bed.world, { written, predicate, predicateType: PREDICATE_TYPES.vuln });
  const trust = { 'trusted-root': bed.world.sigstore.trustedRoot };
  const { comparison, findings } = reportOf(await bed.scan({ inputs: { ...inputs, ...trust, baseline } }));
  expect(findings).toMatchObject([{ id: 'CVE-2026-70009', sources: ['osv-scanner'] }]);
  expect(comparison).toMatchObject({ introduced: [], disclosed: [], unchanged: 1 });
});
