import { zipOf } from '@plimsoll/testkit/world/databases/zip';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ScanBed } from '@plimsoll/testkit/scan/scan-bed';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CacheService } from '../../github/cache-service.ts';

let bed: ScanBed;
let entries: Map<string, Buffer>;

beforeAll(async () => {
  bed = await ScanBed.start();
});
afterAll(() => bed.stop());
beforeEach(async ({ onTestFinished }) => {
  onTestFinished(await bed.reset());
  entries = new Map();
  const body = zipOf([
    { name: 'TEST-1.json', content: Buffer.from('{"id":"TEST-1","modified":"2026-11-21T08:00:00Z"}') },
  ]);
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  const headers = { etag, 'last-modified': 'Sat, 21 Nov 2026 08:00:00 GMT' };
  bed.osvAnswer = { status: 200, headers, body };
});

const cache: CacheService = {
  restore: async ({ key, file }) => {
    const found = entries.get(key);
    if (found === undefined) return undefined;
    writeFileSync(file, found);
    return key;
  },
  save: async ({ key, file }) => {
    if (entries.has(key)) return false;
    entries.set(key, readFileSync(file));
    return true;
  },
};

/** A job on a machine that never saw a database. */
async function job(name: string) {
  const databases = {
    trivy: [`${bed.registry.host}/db:2`],
    java: [],
    osv: [bed.osvUrl],
    cacheDir: path.join(bed.root, name),
  };
  const blobs = () => bed.registry.requests.filter(({ kind, method }) => kind === 'blob' && method === 'GET').length;
  const before = blobs();
  const result = await bed.scan({}, { ...bed.withLockfile(), databases }, { cache });
  return { result, downloads: blobs() - before };
}

test('databases are stored by what they contain, and taken from there by the next job', async () => {
  const first = await job('one');
  expect(first.downloads).toBe(1);
  const names = [...entries.keys()].map((key) => key.replace(/-[0-9a-f]{64}$/, ''));
  expect(names.toSorted()).toEqual(['plimsoll-osv', 'plimsoll-trivy-db']);
  const second = await job('two');
  expect(second.downloads).toBe(0);
  expect(second.result.report.databases).toEqual(first.result.report.databases);
  expect(JSON.stringify(second.result.report)).not.toContain(bed.root);
});

test('an entry that is not what the registry says is downloaded again', async () => {
  await job('one');
  for (const key of entries.keys()) entries.set(key, Buffer.from('somebody else wrote this'));
  const { result, downloads } = await job('two');
  expect(downloads).toBe(1);
  expect(result.outcome).toBe('pass');
});

test('they are stored for a scan that fails, too', async () => {
  const databases = {
    trivy: [`${bed.registry.host}/db:2`],
    java: [],
    osv: [],
    cacheDir: path.join(bed.root, 'red'),
  };
  const image = async () => {
    throw new Error('broken beyond what is expected');
  };
  await expect(bed.scan({ image }, { databases }, { cache })).rejects.toThrow('broken beyond');
  expect(entries.size).toBe(1);
});
