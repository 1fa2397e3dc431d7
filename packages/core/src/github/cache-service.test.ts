import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordingClock } from '@plimsoll/testkit/github/answering-server';
import { type GitHub, startGitHub } from '@plimsoll/testkit/world/github';
import { Lifetime } from '@plimsoll/testkit/world/lifetime';
import { serveLocally } from '@plimsoll/testkit/world/local-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../runtime/http.ts';
import { silentLog } from '../runtime/log.ts';
import { openCacheService } from './cache-service.ts';
import type { Environment } from './host.ts';

const http = createHttp();
let lifetime: Lifetime;
let github: GitHub;
let said: string[];
beforeEach(async () => {
  lifetime = new Lifetime();
  github = await startGitHub(lifetime);
  said = [];
});
afterEach(() => lifetime.close());

const open = (env: Environment = {}) =>
  openCacheService(
    { ...github.cache.variables(), ...env },
    { http, clock: recordingClock(), log: { ...silentLog, info: (text) => said.push(text) } },
  );
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-cache-'));
const fileOf = (content: string | Buffer) => {
  const file = path.join(folder, `in-${Math.random()}`);
  writeFileSync(file, content);
  return file;
};
const target = () => path.join(folder, 'deep', `out-${Math.random()}`);

async function restored(key: string, restoreKeys: string[] = [], env: Environment = {}): Promise<unknown> {
  const file = target();
  const found = await open(env).restore({ key, restoreKeys, file });
  return found === undefined ? undefined : [found, readFileSync(file, 'utf8')];
}

describe('the cache of a job', () => {
  it('gives back what was stored, by the whole key before a prefix, the newest first', async () => {
    for (const key of ['db-1', 'db-2', 'db-', 'db-3']) await open().save({ key, file: fileOf(`of ${key}`) });
    expect(await restored('db-1')).toEqual(['db-1', 'of db-1']);
    expect(await restored('db-')).toEqual(['db-', 'of db-']);
    expect(await restored('x', ['none', 'db-'])).toEqual(['db-3', 'of db-3']);
    expect(await restored('x')).toBeUndefined();
  });

  it('sends the storage no token, and many bytes in blocks', async () => {
    const content = Buffer.alloc(150 * 1024 * 1024, 'block');
    expect(await open().save({ key: 'large', file: fileOf(content) })).toBe(true);
    expect(github.cache.entries[0]?.bytes.equals(content)).toBe(true);
    const sent = github.requests.filter(({ path: at }) => at.includes('comp=block&'));
    expect(sent).toHaveLength(3);
  });

  it('keeps an empty file', async () => {
    expect(await open().save({ key: 'empty', file: fileOf('') })).toBe(true);
    expect(await restored('empty')).toEqual(['empty', '']);
  });

  it('changes no entry, and stores nothing that a token may not', async () => {
    await open().save({ key: 'a', file: fileOf('first') });
    expect(await open().save({ key: 'a', file: fileOf('second') })).toBe(false);
    expect(await restored('a')).toEqual(['a', 'first']);
    github.cache.scopes = [{ ref: 'refs/heads/main', write: false }];
    expect(await open().save({ key: 'b', file: fileOf('b') })).toBe(false);
    expect(said.at(-1)).toContain('cache write denied');
  });

  it('reads the default branch from another, and not the other way about', async () => {
    await open().save({ key: 'a', file: fileOf('main') });
    github.cache.scopes = [
      { ref: 'refs/pull/7/merge', write: true },
      { ref: 'refs/heads/main', write: false },
    ];
    expect(await restored('a')).toEqual(['a', 'main']);
    await open().save({ key: 'a', file: fileOf('pull') });
    expect(await restored('a')).toEqual(['a', 'pull']);
    github.cache.scopes = [{ ref: 'refs/heads/main', write: true }];
    expect(await restored('a')).toEqual(['a', 'main']);
  });

  it.each([
    ['none', undefined, false],
    ['read', ['a', 'a'], false],
    ['write-only', undefined, true],
    ['write', ['a', 'a'], true],
    ['', ['a', 'a'], true],
  ])('asks for what the mode %j allows and no more', async (mode, read, wrote) => {
    await open().save({ key: 'a', file: fileOf('a') });
    const before = github.requests.length;
    const env = { ACTIONS_CACHE_MODE: mode };
    expect(await restored('a', [], env)).toEqual(read);
    expect(await open(env).save({ key: 'b', file: fileOf('b') })).toBe(wrote);
    expect(github.requests.length === before).toBe(mode === 'none');
  });
});

describe('a cache that fails', () => {
  it('is no cache, and no failure', async () => {
    expect(await restored('a', [], { ACTIONS_RUNTIME_TOKEN: 'wrong' })).toBeUndefined();
    expect(await restored('a', [], { ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/' })).toBeUndefined();
    expect(await open({ ACTIONS_RESULTS_URL: '' }).save({ key: 'a', file: fileOf('a') })).toBe(false);
    expect(await open().save({ key: 'a', file: path.join(folder, 'absent') })).toBe(false);
    expect(said).toHaveLength(4);
    expect(said.join()).not.toMatch(/sig=|wrong/);
  });

  it('is asked again when that can help', async () => {
    await open().save({ key: 'a', file: fileOf('a') });
    let failures = 2;
    github.intercept = () => (failures-- > 0 ? { status: 503, body: {} } : undefined);
    expect(await restored('a')).toEqual(['a', 'a']);
  });

  it('leaves no half of a file', async () => {
    const storage = await serveLocally(lifetime, (_request, response) => {
      response.writeHead(200, { 'content-length': '5' });
      response.write('who', () => response.destroy());
    });
    const entry = { ok: true, matched_key: 'a', signed_download_url: storage.url };
    github.intercept = () => ({ status: 200, body: entry });
    expect(await restored('a')).toBeUndefined();
    expect(said.at(-1)).toContain('cannot be read');
  });
});
