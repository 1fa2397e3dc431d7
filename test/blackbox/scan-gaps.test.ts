import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree, packageLock, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { Advisory } from '@plimsoll/testkit/world/databases/advisory';
import { zipOf } from '@plimsoll/testkit/world/databases/zip';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => bed.policy(''));

describe('what cannot be scanned', () => {
  it('is incomplete without any package', async () => {
    const { directory } = await bed.subjects.image({ 'app/hello.txt': 'hello' });
    const run = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'incomplete' });
  });

  it('is incomplete without the operating system of its packages', async () => {
    const { 'etc/os-release': _release, 'etc/alpine-release': _alpine, ...rest } = alpineTree('1.2.5-r0');
    const run = await bed.scan({ inputs: { layout: (await bed.subjects.image(rest)).directory } });
    expect(errorCode(run)).toBe('scan-incomplete');
  });

  it('is incomplete with packages of a distribution that trivy does not know, whatever else is in it', async () => {
    const arch = {
      'etc/os-release': 'ID=arch\nNAME="Arch Linux"\n',
      'var/lib/pacman/local/zlib-1.3/desc': '%NAME%\nzlib\n',
    };
    const library = { 'app/node_modules/left/package.json': '{"name": "left", "version": "1.0.0"}' };
    const scan = async (...layers: Readonly<Record<string, string>>[]) =>
      bed.scan({ inputs: { layout: (await bed.subjects.image(...layers)).directory } });
    const run = await scan(arch, library);
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.summary).toContain('packages of pacman');
    expect(errorCode(await scan(library))).toBeUndefined();
  });

  it('is incomplete when there are only attestations', async () => {
    const { directory } = await writeImageLayout(path.join(bed.world.directory, 'attestations'), []);
    expect(errorCode(await bed.scan({ inputs: { layout: directory } }))).toBe('scan-incomplete');
  });

  it('is incomplete with a lockfile that does not parse', async () => {
    const { directory } = await bed.subjects.safeImage();
    const run = await bed.scan({
      inputs: { layout: directory },
      source: bed.subjects.source({ 'package-lock.json': '{"lock' }),
    });
    expect(errorCode(run)).toBe('scan-incomplete');
  });

  it('is incomplete when an ecosystem has no database', async () => {
    const { directory } = await bed.subjects.safeImage();
    const source = bed.subjects.source({ 'mix.lock': '%{"plug": {:hex, :plug, "1.0.0", "x", [:mix], [], "hexpm"}}\n' });
    const run = await bed.scan({ inputs: { layout: directory }, source });
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.log).toContain('Hex');
  });

  it('is refused when a layer was cut short', async () => {
    const { directory, content } = await bed.subjects.safeImage();
    const layer = content.blobs.find(({ mediaType }) => mediaType.includes('layer'));
    writeFileSync(path.join(directory, 'blobs/sha256', layer?.digest.slice(7) ?? ''), 'short');
    const run = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(run)).toBe('digest-mismatch');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'error' });
  });
});

describe('databases', () => {
  it('are incomplete when none can be had, and say which input to write', async () => {
    const { directory } = await bed.subjects.safeImage();
    const gone = `${bed.world.hub.host}/nobody/trivy-db:2`;
    const run = await bed.scan({ inputs: { layout: directory, 'trivy-db': gone } });
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.log).toContain('trivy-db');
  });

  it('come from the next source when one has none', async () => {
    const { directory } = await bed.subjects.safeImage();
    const run = await bed.scan({
      inputs: { layout: directory, 'trivy-db': `${bed.world.hub.host}/nobody/trivy-db:2\n${bed.databases.trivyDb}` },
    });
    expect(errorCode(run)).toBeUndefined();
    expect(reportOf(run).databases[0]?.failed).toHaveLength(1);
  });

  it('come from the next source soon when one refuses connections or never stops asking to wait', async () => {
    const { directory } = await bed.subjects.safeImage();
    const busy = createServer((_request, response) => response.writeHead(429, { 'retry-after': '60' }).end());
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo;
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const refused = (gone.address() as AddressInfo).port;
    await new Promise((resolve) => gone.close(resolve));
    const trivy = `127.0.0.1:${refused}/x:2\n127.0.0.1:${port}/x:2\n${bed.databases.trivyDb}`;
    const osv = `http://127.0.0.1:${refused}\nhttp://127.0.0.1:${port}\n${bed.databases.osvDb}`;
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.1') });
    const run = await bed.scan({ inputs: { layout: directory, 'trivy-db': trivy, 'osv-db': osv }, source });
    busy.close();
    expect(errorCode(run)).toBeUndefined();
    expect(reportOf(run).databases.map(({ failed }) => failed.length)).toEqual([2, 2]);
    expect(run.milliseconds).toBeLessThan(10_000);
  });

  it('are incomplete when they are old, unless the policy allows it', async () => {
    const { directory } = await bed.subjects.safeImage();
    const old = await bed.world.databases.publish(SCAN_ADVISORIES, new Date(Date.now() - 9 * 24 * 3_600_000));
    try {
      const inputs = { layout: directory, 'trivy-db': old.trivyDb };
      expect(errorCode(await bed.scan({ inputs }))).toBe('scan-incomplete');
      bed.policy('scan:\n  database-max-age: 10d\n');
      expect(errorCode(await bed.scan({ inputs }))).toBeUndefined();
    } finally {
      await bed.publish();
    }
  });
});

describe('Java archives', () => {
  const jar = zipOf([{ name: 'META-INF/MANIFEST.MF', content: Buffer.from('Manifest-Version: 1.0\n') }]);
  const advisory: Advisory = {
    id: 'CVE-2026-70003',
    title: 'log4bad runs what it logs',
    severity: 'CRITICAL',
    affected: [{ ecosystem: 'Maven', package: 'org.example:log4bad', fixed: '2.17.1' }],
  };

  it('are known by their hash, with the Java database', async () => {
    const { directory } = await bed.subjects.image({ ...alpineTree('1.2.5-r5'), 'app/lib.jar': jar });
    const sha1 = createHash('sha1').update(jar).digest();
    const java = await bed.world.databases.publishJava([
      { group: 'org.example', artifact: 'log4bad', version: '2.14.0', sha1 },
    ]);
    const { trivyDb } = await bed.world.databases.publish([...SCAN_ADVISORIES, advisory]);
    const run = await bed.scan({ inputs: { layout: directory, 'trivy-db': trivyDb, 'trivy-java-db': java } });
    await bed.publish();
    expect(errorCode(run)).toBe('scan-failed');
    const { findings, databases: used } = reportOf(run);
    expect(findings).toMatchObject([{ id: advisory.id, fixedVersion: '2.17.1' }]);
    expect(used.map(({ name }) => name)).toEqual(['trivy-db', 'trivy-java-db', 'osv/Maven']);
  });

  it('are incomplete without it', async () => {
    const { directory } = await bed.subjects.image({ ...alpineTree('1.2.5-r5'), 'app/lib.jar': jar });
    const run = await bed.scan({
      inputs: { layout: directory, 'trivy-java-db': `${bed.world.hub.host}/nobody/java:1` },
    });
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.log).toContain('trivy-java-db');
  });
});

describe('broken scanners', () => {
  it('are an error when trivy is killed', async () => {
    const { directory } = await bed.subjects.safeImage();
    const trivy = bed.subjects.tool('0.72.0', 'kill -9 $$');
    const run = await bed.scan({ inputs: { layout: directory }, env: { PLIMSOLL_TOOL_TRIVY: trivy } });
    expect(errorCode(run)).toBe('scan-error');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'error' });
  });

  it('are an error when osv-scanner ends with 127 and a report that looks clean', async () => {
    const { directory } = await bed.subjects.safeImage();
    const report = 'while [ $# -gt 0 ]; do [ "$1" = --output-file ] && echo \'{"results":[]}\' > "$2"; shift; done';
    const osv = bed.subjects.tool('2.6.0', `${report}\nexit 127`);
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.1') });
    const run = await bed.scan({ inputs: { layout: directory }, source, env: { PLIMSOLL_TOOL_OSV_SCANNER: osv } });
    expect(errorCode(run)).toBe('scan-error');
  });
});
