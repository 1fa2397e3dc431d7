import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './actions.mjs';
import { isHigher, publishRelease } from './release.mjs';

const [one, two] = ['1', '2'].map((digit) => digit.repeat(40)) as [string, string];

let server: Server;
let api: string;
let releases: Map<string, string>;
let tags: Map<string, string>;
let writes: string[];

/** Releases and refs as GitHub keeps them (docs.github.com/rest/releases, rest/git/refs). */
function answer(method: string, where: string, body: Record<string, string>): readonly [number, unknown] {
  const released = /^releases\/tags\/(.+)$/.exec(where)?.[1];
  if (released !== undefined) {
    const commit = releases.get(released);
    return commit === undefined ? [404, {}] : [200, { tag_name: released, target_commitish: commit }];
  }
  if (method !== 'GET') writes.push(`${method} ${where}`);
  if (where === 'releases') {
    releases.set(body['tag_name'] ?? '', body['target_commitish'] ?? '');
    return [201, {}];
  }
  if (where.startsWith('git/matching-refs/tags/')) {
    const names = [...tags.keys()].filter((name) => name.startsWith(where.slice('git/matching-refs/tags/'.length)));
    return [200, names.map((name) => ({ ref: `refs/tags/${name}` }))];
  }
  const moved = /^git\/refs\/tags\/(.+)$/.exec(where)?.[1];
  if (moved !== undefined && !tags.has(moved)) return [422, { message: 'Reference does not exist' }];
  tags.set(moved ?? (body['ref'] ?? '').replace('refs/tags/', ''), body['sha'] ?? '');
  return [200, {}];
}

beforeEach(async () => {
  [releases, tags, writes] = [new Map(), new Map(), []];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const where = (request.url ?? '').replace('/repos/acme/suite/', '');
    const [status, body] = answer(request.method ?? '', where, text === '' ? {} : (JSON.parse(text) as never));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
});

function release(tag: string, commit: string) {
  tags.set(tag, commit);
  return publishRelease({ tag, commit }, { api, repository: 'acme/suite', token: 'x' });
}

describe('a release', () => {
  it('is of its commit, and the plain tag of its major version goes there', async () => {
    expect(await release('v1.0.0', one)).toEqual(['released v1.0.0', 'moved v1 to v1.0.0']);
    expect(await release('v1.1.0', two)).toEqual(['released v1.1.0', 'moved v1 to v1.1.0']);
    expect(Object.fromEntries(tags)).toEqual({ 'v1.0.0': one, 'v1.1.0': two, v1: two });
    expect(Object.fromEntries(releases)).toEqual({ 'v1.0.0': one, 'v1.1.0': two });
  });

  it('never moves: the same version of another commit is refused, and nothing is written', async () => {
    await release('v1.0.0', one);
    writes.length = 0;
    await expect(release('v1.0.0', two)).rejects.toThrow(`v1.0.0 is released from ${one}`);
    expect(writes).toEqual([]);
    expect(tags.get('v1')).toBe(one);
  });

  it('that was cut off is finished by a second run', async () => {
    releases.set('v1.0.0', one);
    expect(await release('v1.0.0', one)).toEqual(['moved v1 to v1.0.0']);
  });

  it('of an older line leaves the plain tag where it is', async () => {
    await release('v1.10.0', two);
    expect(await release('v1.9.1', one)).toEqual(['released v1.9.1', 'left v1 with v1.10.0']);
    expect(tags.get('v1')).toBe(two);
    expect(await release('v2.0.0', one)).toEqual(['released v2.0.0', 'moved v2 to v2.0.0']);
    expect(tags.get('v1')).toBe(two);
  });

  it.each(['main', 'v1', 'v1.0', 'v1.0.0-rc.1', ''])('is no release of %j', async (tag) => {
    await expect(publishRelease({ tag, commit: one }, { api, repository: 'acme/suite', token: 'x' })).rejects.toThrow();
    expect(writes).toEqual([]);
  });

  it.each([
    ['v1.10.0', 'v1.9.9', true],
    ['v1.9.9', 'v1.10.0', false],
    ['v1.0.0', 'v1.0.0', false],
    ['v2.0.0', 'v1.99.99', true],
  ])('%s is higher than %s: %s', (tag, other, higher) => expect(isHigher(tag, other)).toBe(higher));
});

interface Step {
  readonly name: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

describe('release.yml', () => {
  const { jobs } = parse(readFileSync(path.join(root, '.github/workflows/release.yml'), 'utf8')) as {
    readonly jobs: Readonly<Record<'verify' | 'release', Job>>;
  };
  const scripts = (job: Job) => job.steps.flatMap(({ run }) => (run === undefined ? [] : [run.trim()]));

  it('proves before it writes: pins, and with the tests that dist/ is byte for byte what the sources give', () => {
    const proof = scripts(jobs.verify);
    expect(proof).toEqual(expect.arrayContaining(['node scripts/stamp.mjs --check', '.ci/run']));
    expect(proof.join('\n')).toContain('git merge-base --is-ancestor HEAD origin/main');
    expect(jobs.verify.permissions).toEqual({ contents: 'read' });
    expect(jobs.release.needs).toBe('verify');
    expect(readFileSync(path.join(root, '.ci/run'), 'utf8')).toContain('npm test');
    const steps = readFileSync(path.join(root, 'scripts/house/check-steps.mjs'), 'utf8');
    expect(steps).toContain('checkDist');
  });

  it('attests dist/ before the release is there, and runs this script for it', () => {
    const names = jobs.release.steps.map(({ uses, run }) => uses?.replace(/@.*/, '') ?? run?.trim());
    const attested = names.indexOf('actions/attest');
    expect(jobs.release.steps[attested]?.with).toEqual({ 'subject-path': 'dist/*/index.js' });
    expect(names.indexOf('node scripts/release.mjs "$TAG"')).toBeGreaterThan(attested);
    expect(jobs.release.permissions).toEqual({ contents: 'write', 'id-token': 'write', attestations: 'write' });
  });

  it('fails as a step when it is refused', () => {
    const env = { PATH: process.env['PATH'], GITHUB_API_URL: 'http://127.0.0.1:1', GITHUB_REPOSITORY: 'acme/suite' };
    const script = path.join(root, 'scripts/release.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, 'v1'], { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('::error::v1 is no version')]);
  });
});
