import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { OCI_INDEX } from '@plimsoll/core/oci/media-types';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree, PRIVATE_KEY } from '@plimsoll/testkit/scan/subjects';
import { blobOf } from '@plimsoll/testkit/world/image/blob';
import { artifact, imageIndex } from '@plimsoll/testkit/world/image/image';
import { writeLayout } from '@plimsoll/testkit/world/image/layout';
import { pushImage } from '@plimsoll/testkit/world/image/push';
import { tarFile, tarOf } from '@plimsoll/testkit/world/image/tar';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => bed.policy(''));

/** A name that is no UTF-8, in place of `ZZ`, with the sum of the header put right. */
function withBadName(archive: Buffer): Buffer {
  const at = archive.indexOf('ZZ');
  const header = archive.subarray(at - (at % 512), at - (at % 512) + 512);
  archive.set([0xff, 0xfe], at);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return archive;
}

describe('images', () => {
  it('an index of nothing is incomplete', async () => {
    const directory = bed.world.lifetime.folder('empty-index');
    const index = blobOf(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] });
    await writeLayout(directory, { blobs: [], manifests: [index], root: index });
    const run = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'incomplete' });
  });

  it.each(['a:b', 'a@b', 'a b', 'ä'])('are scanned below a directory called %s', async (name) => {
    const { directory } = await bed.subjects.unsafeImage();
    const place = path.join(bed.world.lifetime.folder('odd'), name);
    cpSync(directory, place, { recursive: true });
    const run = await bed.scan({ inputs: { layout: place } });
    expect(errorCode(run)).toBe('scan-failed');
    expect(reportOf(run).coverage.platforms).toHaveLength(2);
  });

  it('show what is in files whose names are no UTF-8', async () => {
    const tree = Object.entries(alpineTree('1.2.5-r5')).map(([name, content]) => tarFile(name, content));
    const archive = withBadName(await tarOf([tarFile('app/ZZ.pem', PRIVATE_KEY), ...tree]));
    const directory = bed.world.lifetime.folder('bad-names');
    await writeLayout(directory, imageIndex([{ architecture: 'amd64', layers: [archive], config: {} }]));
    const run = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(run)).toBe('scan-failed');
    expect(run.outputs['secrets']).toBe('1');
  });
});

describe('the source', () => {
  it('shows what is in files whose names are no UTF-8', async () => {
    const source = bed.subjects.source({ 'good.txt': 'good' });
    const name = Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0xff, 0xfe]), Buffer.from('_rsa')]);
    writeFileSync(name, PRIVATE_KEY);
    const run = await bed.scan({ inputs: { 'enable-trivy-image': 'false' }, source });
    expect(errorCode(run)).not.toBeUndefined();
    expect(run.outputs['passed']).toBe('false');
  });

  it('is scanned below a directory with a colon and an at sign', async () => {
    const source = bed.subjects.source({});
    mkdirSync(path.join(source, 'a:b@c'));
    writeFileSync(path.join(source, 'a:b@c', 'id_rsa'), PRIVATE_KEY);
    const inputs = { 'enable-trivy-image': 'false', source: 'a:b@c' };
    expect(errorCode(await bed.scan({ inputs, source }))).toBe('scan-failed');
  });
});

describe('databases', () => {
  it('that are no database inside are an error, and never a pass', async () => {
    const metadata = JSON.stringify({ Version: 2, UpdatedAt: new Date().toISOString() });
    const archive = await tarOf([tarFile('trivy.db', 'not bolt at all'), tarFile('metadata.json', metadata)]);
    const layer = blobOf('application/vnd.aquasec.trivy.db.layer.v1.tar+gzip', gzipSync(archive));
    const content = artifact('application/vnd.aquasec.trivy.config.v1+json', [layer]);
    const { host } = bed.world.hub;
    await pushImage({ host, repository: 'broken/trivy-db' }, content, '2');
    const { directory } = await bed.subjects.safeImage();
    const run = await bed.scan({ inputs: { layout: directory, 'trivy-db': `${host}/broken/trivy-db:2` } });
    expect(errorCode(run)).toBe('scan-error');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'error' });
  });
});

describe('a suppression', () => {
  it('that ends today is not applied today, and is told', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r0'));
    const today = new Date().toISOString().slice(0, 10);
    bed.policy(`scan:\n  suppressions:\n    - {id: CVE-2026-70001, reason: later, expires: ${today}}\n`);
    const run = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(run)).toBe('scan-failed');
    expect(reportOf(run).judgement.expired).toHaveLength(1);
  });
});
