import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../packages/cli/src/help.ts';

const program = path.resolve(import.meta.dirname, '../../packages/cli/bin/plimsoll.mjs');
const page = path.resolve(import.meta.dirname, '../../docs/command-line.md');
const PLAN = ['prune', '--package', 'ghcr.io/acme/app', '--mode', 'plan'];

let folder: string;
let silent: Server;
let api: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-exit-'));
  // A GitHub that takes a request, and never answers it.
  silent = createServer();
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  api = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
  rmSync(folder, { recursive: true });
});

function start(args: readonly string[]) {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_API_URL: api,
    GITHUB_TOKEN: 'nobody',
  };
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (text.stderr += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...text }));
  return { child, ended };
}

describe('the exit code', () => {
  it.each([
    [0, ['explain', 'tag-taken'], ''],
    [1, ['prune', '--package', 'not a package', '--mode', 'plan'], 'error reference-invalid: '],
    [2, ['prune', '--mod', 'plan'], 'Did you mean "--mode"?'],
    [2, ['pruen'], 'Did you mean "plimsoll prune"?'],
  ])('is %i for %j', async (code, args, said) => {
    const seen = await start(args).ended;
    expect([seen.code, seen.stderr], seen.stdout).toEqual([code, expect.stringContaining(said)]);
  });

  it('is 130 for one that was cancelled, which cleans up first', async () => {
    const { child, ended } = start([...PLAN, '--json']);
    await once(silent, 'request');
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect([code, JSON.parse(stdout)], stderr).toEqual([
      130,
      expect.objectContaining({ ok: false, exitCode: 130, errors: [expect.objectContaining({ code: 'cancelled' })] }),
    ]);
  });

  it('is one that help and documentation name', () => {
    const codes = (text: string) => [...text.matchAll(/^(?:\| | {2})(\d+)\b/gm)].map(([, code]) => Number(code));
    expect(codes(EXIT_CODES)).toEqual([0, 1, 2, 130]);
    const table = readFileSync(page, 'utf8').split('## Exit codes')[1] ?? '';
    expect(codes(table)).toEqual([0, 1, 2, 130]);
  });
});
