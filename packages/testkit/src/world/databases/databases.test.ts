import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Advisory, ghsaOf } from './advisory.ts';
import { boltFile } from './bolt.ts';
import { osvDatabases } from './osv-database.ts';
import { trivyDatabase } from './trivy-database.ts';
import { zipOf } from './zip.ts';

const advisory: Advisory = {
  id: 'CVE-2026-99001',
  title: 'Text that never ends',
  severity: 'CRITICAL',
  affected: [
    { ecosystem: 'Go', package: 'golang.org/x/text', fixed: '0.3.8' },
    { os: 'debian', release: '12', package: 'zlib', fixed: '1:2.0-1' },
  ],
};

test('a bolt file has two good meta pages that name its root', () => {
  const file = boltFile({ outer: { bucket: { inner: { value: { a: 1 } } } } });
  for (const start of [0, 4096]) {
    expect(file.readUInt32LE(start + 16)).toBe(0xed0cdaed);
    const root = Number(file.readBigUInt64LE(start + 32));
    expect(root).toBe(4);
    expect(file.readUInt16LE(root * 4096 + 8)).toBe(2);
    expect(file.subarray(root * 4096, root * 4096 + 4096).includes('outer')).toBe(true);
  }
  expect(file.subarray(3 * 4096).toString()).toContain('inner{"a":1}');
});

test('a bucket larger than a page takes the pages it needs', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_none, index) => [`key-${index}`, { value: index }]));
  const file = boltFile({ big: { bucket: many }, small: { bucket: { x: { value: 1 } } } });
  expect(file.length % 4096).toBe(0);
  expect(file.readUInt32LE(3 * 4096 + 12)).toBeGreaterThan(0);
  expect(file.readUInt16LE(3 * 4096 + 10)).toBe(500);
});

test('the same advisories make the same trivy database', async () => {
  const at = new Date('2026-11-01T00:00:00Z');
  const [one, other] = await Promise.all([trivyDatabase([advisory], at), trivyDatabase([advisory], at)]);
  expect(one.root.digest).toBe(other.root.digest);
  expect(JSON.parse(one.root.bytes.toString())).toMatchObject({
    artifactType: 'application/vnd.aquasec.trivy.config.v1+json',
    layers: [{ mediaType: 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip' }],
  });
});

test('a zip archive lists what it stores', () => {
  const content = Buffer.from('{}');
  const zip = zipOf([{ name: 'a.json', content }]);
  expect(zip.readUInt32LE(14)).toBe(crc32(content));
  expect(zip.readUInt16LE(zip.length - 12)).toBe(1);
  const directory = zip.readUInt32LE(zip.length - 6);
  expect(zip.readUInt32LE(directory)).toBe(0x02014b50);
  expect(zip.subarray(directory + 46, directory + 52).toString()).toBe('a.json');
});

test('each ecosystem has an archive, with a record under the right number', () => {
  const archives = osvDatabases([advisory]);
  expect(archives.get('Go')?.toString()).toContain(`${ghsaOf(advisory)}.json`);
  expect(archives.get('Debian')?.toString()).toContain('DEBIAN-CVE-2026-99001.json');
  expect(archives.has('npm')).toBe(true);
  expect(ghsaOf(advisory)).toMatch(/^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$/);
});
