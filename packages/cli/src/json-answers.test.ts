import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OWN_COMMANDS } from './own-commands.ts';

// The program is started several times, on machines that do other things too.
vi.setConfig({ testTimeout: 60_000 });

const program = path.resolve(import.meta.dirname, '../bin/plimsoll.mjs');
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'plimsoll-json-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', clone, ...args]);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'remote.origin.url', 'https://github.com/acme/app.git');
  writeFileSync(path.join(clone, 'Dockerfile'), 'FROM scratch\n');
  writeFileSync(path.join(clone, 'wrong.yml'), 'scan:\n  severty: [HIGH]\n');
});
afterAll(() => rmSync(clone, { recursive: true }));

function plimsoll(...args: string[]) {
  const { status, stdout } = spawnSync(process.execPath, [program, ...args], { cwd: clone, encoding: 'utf8' });
  return { code: status, answer: JSON.parse(stdout) as unknown };
}

const ANSWERS: Readonly<Record<string, readonly [readonly string[], number, unknown]>> = {
  init: [[], 0, expect.arrayContaining([{ file: '.github/plimsoll.yml', state: 'new', written: true }])],
  doctor: [['--offline'], 0, expect.arrayContaining([expect.objectContaining({ state: 'ok' })])],
  policy: [[], 0, { digest: expect.stringMatching(/^sha256:/), policy: expect.any(Object) }],
  explain: [['tag-taken'], 0, { code: 'tag-taken', meaning: expect.any(String), advice: expect.any(String) }],
  completion: [['bash'], 0, { shell: 'bash', script: expect.stringContaining('_plimsoll') }],
};

describe('--json', () => {
  it('is known to every command that is no action', () => {
    expect(Object.keys(ANSWERS).toSorted()).toEqual(Object.keys(OWN_COMMANDS).toSorted());
  });

  it.each(Object.entries(ANSWERS))('of %s is one document and nothing else', (command, [args, code, answer]) => {
    expect(plimsoll(command, ...args, '--json')).toEqual({ code, answer });
  });

  it.each([
    [['policy', 'wrong.yml'], 'policy-invalid'],
    [['policy', 'identity'], 'oidc-unavailable'],
  ])('of %j that fails has the code', (args, code) => {
    expect(plimsoll(...args, '--json')).toEqual({
      code: 1,
      answer: { ok: false, errors: [{ code, message: expect.any(String) }] },
    });
  });
});
