import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { CodeScanning } from '@plimsoll/testkit/github/code-scanning';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GitHubApi } from '../../github/api.ts';
import { emptyRun, logOf } from '../../report/sarif.ts';
import { silentLog } from '../../runtime/log.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { ScanResult } from '../scan.ts';
import { showInCodeScanning } from './sarif-upload.ts';

let root: string;
let github: CodeScanning;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'plimsoll-sarif-'));
  github = new CodeScanning();
});
afterEach(() => rm(root, { recursive: true }));

const category = (part: string) => `plimsoll/scan/acme/app/trivy${part}`;

/** Uploads a file of runs with these categories, each with one result. */
async function upload(parts: readonly string[], text = 'x'): Promise<readonly (readonly [string, number])[]> {
  const file = path.join(root, 'scan.sarif');
  const results = [{ message: { text } }];
  writeFileSync(file, JSON.stringify(logOf(parts.map((part) => ({ ...emptyRun(category(part)), results })))));
  const report = {
    image: 'acme/app',
    digest: 'sha256:1',
    outcome: 'pass',
    coverage: { scanners: ['trivy'] },
    startedAt: new Date(),
  };
  const result = { report, files: { sarifs: [file] } } as unknown as ScanResult;
  const run = { repository: 'acme/app', sha: 'a'.repeat(40), ref: 'refs/heads/main' };
  const before = github.analyses.length;
  const clock = { ...systemClock, sleep: async () => {} };
  const ports = { api: () => api(), github: run, clock, signal: new AbortController().signal, log: silentLog };
  await showInCodeScanning(result, ports as unknown as Parameters<typeof showInCodeScanning>[1]);
  return github.analyses.slice(before).flatMap(({ sarif }) => {
    const { runs } = JSON.parse(sarif) as ReturnType<typeof logOf>;
    return runs.map((each) => [each.automationDetails?.id ?? '', each.results?.length ?? 0] as const);
  });
}

function api(): GitHubApi {
  const send: GitHubApi['send'] = async ({ method = 'GET', path: at, body }) => {
    const answer = github.handle(method, new URL(at, 'http://127.0.0.1'), Buffer.from(JSON.stringify(body ?? {})));
    return {
      status: answer?.status ?? 404,
      headers: {},
      text: JSON.stringify(answer?.body ?? {}),
      request: `${method} ${at}`,
    };
  };
  return { send } as GitHubApi;
}

test('a part that is not needed any more is emptied once, so that its alerts are closed', async () => {
  await upload(['', '/part-2', '/part-3']);
  expect(await upload(['', '/part-2'])).toEqual([
    [`${category('')}/`, 1],
    [`${category('/part-2')}/`, 1],
    [`${category('/part-3')}/`, 0],
  ]);
  expect(await upload(['', '/part-2'])).toHaveLength(2);
});

test('a part is emptied however many other analyses came after it', async () => {
  await upload(['', '/part-2']);
  const other = JSON.stringify(logOf([emptyRun('plimsoll/scan/acme/other/trivy')]));
  const known = { repository: 'acme/app', commit: '', ref: 'refs/heads/main', asked: 0, sarif: other };
  for (let at = 0; at < 250; at++) github.analyses.push({ id: String(at), ...known });
  expect(await upload([''])).toContainEqual([`${category('/part-2')}/`, 0]);
});

test('another image, and a ref that was not scanned before, are left alone', async () => {
  github.analyses.push({
    id: '1',
    repository: 'acme/app',
    commit: '',
    ref: 'refs/heads/old',
    asked: 0,
    sarif: JSON.stringify(logOf([emptyRun(category('/part-2'))])),
  });
  expect(await upload([''])).toEqual([[`${category('')}/`, 1]]);
});

test('what is too large for one upload goes run by run', { timeout: 60_000 }, async () => {
  // Random bytes do not become smaller by compression.
  await upload(['', '/part-2'], randomBytes(4 * 1024 * 1024).toString('hex'));
  expect(github.analyses).toHaveLength(1);
  await upload(['', '/part-2'], randomBytes(6 * 1024 * 1024).toString('base64'));
  expect(github.analyses).toHaveLength(3);
});
