import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePolicy } from '@plimsoll/core/policy/load';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// Each test starts the program several times, on machines that do other things too.
vi.setConfig({ testTimeout: 60_000 });

const program = path.resolve(import.meta.dirname, '../../packages/cli/bin/plimsoll.mjs');
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

  it('writes what is asked for beside that', () => {
    const extras = ['--release', '--release-dispatch', '--rollback', '--rescan', '--dependabot'];
    expect(plimsoll('init', ...extras)).toMatchObject({ code: 0 });
    expect(textOf('.github/plimsoll.yml')).toContain('release-docker.yml@**');
    for (const file of [
      'release-image.yml',
      'release-dispatch.yml',
      'rollback.yml',
      'release-channel.yml',
      'rescan.yml',
    ]) {
      expect(textOf(`.github/workflows/${file}`)).toContain('ghcr.io/acme/app');
    }
    expect(textOf('.github/dependabot.yml')).toContain('github-actions');
    expect(plimsoll('doctor', '--offline')).toMatchObject({ code: 0 });
  });

  it("gives an organisation's own repository the reusable workflows, byte for byte", () => {
    rmSync(path.join(clone, 'Dockerfile'));
    expect(plimsoll('init', '--org-infra')).toMatchObject({ code: 0 });
    const name = '.github/workflows/reusable_sign_and_verify.yml';
    expect(textOf(name)).toBe(readFileSync(path.resolve(import.meta.dirname, '../..', name), 'utf8'));
    expect(existsSync(path.join(clone, '.github/plimsoll.yml'))).toBe(false);
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
    const { code, stdout } = plimsoll('doctor', '--offline');
    expect(code, stdout).toBe(0);
  });

  it('names the permission without which GitHub would not start the run', () => {
    plimsoll('init');
    writeFileSync(path.join(clone, PUBLISH), textOf(PUBLISH).replace(/^ +id-token: write.*\n/m, ''));
    const { code, stdout } = plimsoll('doctor', '--offline');
    expect([code, stdout]).toEqual([1, expect.stringContaining(`${PUBLISH}: job image would not start`)]);
    expect(stdout).toContain('id-token: write');
  });

  it('reads the policy as a run would', () => {
    plimsoll('init');
    writeFileSync(path.join(clone, '.github/plimsoll.yml'), 'scan:\n  severty: [HIGH]\n');
    const { code, stdout } = plimsoll('doctor', '--offline', '--json');
    expect(code).toBe(1);
    const wrong = (JSON.parse(stdout) as { what: string; state: string }[]).filter(({ state }) => state === 'problem');
    expect(wrong).toEqual([expect.objectContaining({ what: expect.stringContaining('.github/plimsoll.yml:2:3') })]);
  });

  it('sees that nothing calls Plimsoll', () => {
    expect(plimsoll('doctor', '--offline')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('plimsoll init'),
    });
  });
});

describe('plimsoll policy', () => {
  it('prints the policy with every default, and its digest', () => {
    writeFileSync(path.join(clone, 'policy.yml'), 'scan:\n  severity: [CRITICAL]\n');
    const { code, stdout } = plimsoll('policy', 'policy.yml', '--json');
    const { digest, policy } = JSON.parse(stdout) as { digest: string; policy: { scan: { severity: string[] } } };
    expect([code, policy.scan.severity, digest]).toEqual([0, ['CRITICAL'], expect.stringMatching(/^sha256:/)]);
    expect(policy).toHaveProperty('verify.issuer');
  });

  it('prints YAML that is a policy again', () => {
    const { code, stdout } = plimsoll('policy');
    expect(code).toBe(0);
    expect(parsePolicy(stdout, 'printed')).toEqual(parsePolicy('', 'empty'));
  });

  it('says where a file is wrong', () => {
    writeFileSync(path.join(clone, 'policy.yml'), 'scan:\n  severty: [HIGH]\n');
    expect(plimsoll('policy', 'policy.yml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('policy.yml:2:3'),
    });
    expect(plimsoll('policy', 'other.yml')).toMatchObject({ code: 2 });
  });
});

describe('plimsoll explain', () => {
  it('says what a code means and what to do', () => {
    const { code, stdout } = plimsoll('explain', 'oidc-unavailable');
    expect([code, stdout]).toEqual([0, expect.stringContaining('id-token: write')]);
  });

  it('names the code that was meant', () => {
    expect(plimsoll('explain', 'oidc-unavailble')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"oidc-unavailable"'),
    });
    expect(plimsoll('explain')).toMatchObject({ code: 2 });
  });
});

describe('plimsoll completion', () => {
  const complete = (...words: string[]) => {
    const script = plimsoll('completion', 'bash').stdout;
    const ask = `COMP_WORDS=(plimsoll ${words.join(' ')}); COMP_CWORD=${words.length}; _plimsoll; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8', cwd: clone })
      .trim()
      .split('\n');
  };

  it('completes commands, inputs and files in bash', () => {
    expect(complete('pro')).toEqual(['promote']);
    expect(complete('verify', '--comm')).toEqual(['--commit']);
    expect(complete('doctor', '--of')).toEqual(['--offline']);
    expect(complete('verify', 'Docker')).toEqual(['Dockerfile']);
  });

  it('never offers to write a secret on the command line', () => {
    expect(complete('promote', '--dest-pass')).toEqual(['']);
  });

  it('has a script for each shell it names, and no other', () => {
    expect(plimsoll('completion', 'zsh').stdout).toMatch(/^#compdef plimsoll\n/);
    expect(plimsoll('completion', 'fish').stdout).toContain("-a verify -d '");
    expect(plimsoll('completion', 'powershell')).toMatchObject({ code: 2 });
  });
});
