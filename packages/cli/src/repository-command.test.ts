import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePolicy } from '@plimsoll/core/policy/load';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, '../bin/plimsoll.mjs');
const PUBLISH = '.github/workflows/ci_publish_ghcr.yml';

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'plimsoll-clone-'));
  git('init', '--quiet', '--initial-branch=trunk');
  git('config', 'remote.origin.url', 'git@github.com:Acme/App.git');
  writeFileSync(path.join(clone, 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => rmSync(clone, { recursive: true }));

function git(...args: string[]) {
  execFileSync('git', ['-C', clone, ...args]);
}

function plimsoll(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: clone, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const textOf = (file: string) => readFileSync(path.join(clone, file), 'utf8');

describe('plimsoll init', () => {
  it('writes a policy and workflows for this repository and its branch', () => {
    expect(plimsoll('init', '--quay')).toMatchObject({ code: 0 });
    expect(textOf(PUBLISH)).toContain('image: ghcr.io/acme/app');
    expect(textOf(PUBLISH)).toContain('branches: ["trunk"]');
    expect(textOf('.github/workflows/ci_publish_quay.yml')).toContain('destination: quay.io/acme/app');
    const { verify } = parsePolicy(textOf('.github/plimsoll.yml'), 'policy');
    expect(verify.sourceRepository).toBe('Acme/App');
  });

  it('can be run again, and overwrites nothing', () => {
    plimsoll('init');
    writeFileSync(path.join(clone, PUBLISH), 'on: push\n');
    const again = plimsoll('init');
    expect(again).toMatchObject({ code: 1, stdout: expect.stringContaining('prune.yml: unchanged') });
    expect(again.stdout).toContain(`${PUBLISH}: left alone`);
    expect(textOf(PUBLISH)).toBe('on: push\n');
  });

  it('shows first what it would write', () => {
    expect(plimsoll('init', '--dry-run')).toMatchObject({ code: 0, stdout: expect.stringContaining('would write') });
    expect(existsSync(path.join(clone, '.github'))).toBe(false);
  });

  it('says what is missing', () => {
    rmSync(path.join(clone, 'Dockerfile'));
    expect(plimsoll('init')).toMatchObject({ code: 2, stderr: expect.stringContaining('Dockerfile') });
    git('config', '--unset', 'remote.origin.url');
    expect(plimsoll('init')).toMatchObject({ code: 2, stderr: expect.stringContaining('git remote add') });
    expect(plimsoll('init', '--force')).toMatchObject({ code: 2 });
  });
});

describe('plimsoll doctor', () => {
  it('finds nothing wrong with what init writes', () => {
    plimsoll('init', '--quay');
    const { code, stdout } = plimsoll('doctor');
    expect(code, stdout).toBe(0);
  });

  it('names the permission without which GitHub would not start the run', () => {
    plimsoll('init');
    writeFileSync(path.join(clone, PUBLISH), textOf(PUBLISH).replace(/^ +id-token: write.*\n/m, ''));
    const { code, stdout } = plimsoll('doctor');
    expect([code, stdout]).toEqual([1, expect.stringContaining(`${PUBLISH}: job image would not start`)]);
    expect(stdout).toContain('id-token: write');
  });

  it('reads the policy as a run would', () => {
    plimsoll('init');
    writeFileSync(path.join(clone, '.github/plimsoll.yml'), 'scan:\n  severty: [HIGH]\n');
    const { code, stdout } = plimsoll('doctor', '--json');
    expect(code).toBe(1);
    const wrong = (JSON.parse(stdout) as { what: string; ok: boolean }[]).filter(({ ok }) => !ok);
    expect(wrong).toEqual([expect.objectContaining({ what: expect.stringContaining('.github/plimsoll.yml:2:3') })]);
  });

  it('sees that nothing calls Plimsoll', () => {
    expect(plimsoll('doctor')).toMatchObject({ code: 1, stdout: expect.stringContaining('plimsoll init') });
  });
});
