import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from './actions.mjs';
import { pins, stamp } from './pins.mjs';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const WORKFLOW = `# uses: plimsoll-ci/plimsoll/.github/workflows/reusable_x.yml@v1
jobs:
  x:
    steps:
      - uses: actions/checkout@${SHA} # v7.0.1
      - uses: plimsoll-ci/plimsoll@v1
      - uses: plimsoll-ci/plimsoll/actions/prune@v1
`;

describe('pins', () => {
  it('are those of our own actions, outside comments', () => {
    expect(pins(WORKFLOW)).toEqual(['v1', 'v1']);
  });

  it('become full commits with their version, again and again', () => {
    const once = stamp(WORKFLOW, { sha: SHA, version: 'v1.0.0' });
    expect(pins(once)).toEqual([SHA, SHA]);
    expect(once).toContain(`plimsoll-ci/plimsoll/actions/prune@${SHA} # v1.0.0\n`);
    expect(once).toContain('# uses: plimsoll-ci/plimsoll/.github/workflows/reusable_x.yml@v1\n');
    const other = SHA.replace('0', 'f');
    expect(stamp(once, { sha: other, version: 'v1.0.1' })).toBe(stamp(WORKFLOW, { sha: other, version: 'v1.0.1' }));
  });
});

describe('a release', () => {
  let clone: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      encoding: 'utf8',
    });
  const write = (file: string, text: string) => {
    mkdirSync(path.join(clone, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(clone, file), text);
  };
  const commit = () => {
    git('add', '--all');
    git('commit', '--quiet', '--message', 'x');
    return git('rev-parse', 'HEAD').trim();
  };
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(root, 'scripts/stamp.mjs'), ...args], { cwd: clone, encoding: 'utf8' });

  beforeEach(() => {
    clone = mkdtempSync(path.join(tmpdir(), 'plimsoll-release-'));
    git('init', '--quiet');
    write('dist/build/index.js', '1');
    write('.github/workflows/reusable_x.yml', WORKFLOW);
  });
  afterEach(() => rmSync(clone, { recursive: true }));

  it('pins the bundles that it releases', () => {
    const sha = commit();
    expect(run('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('v1 is not a full commit') });
    expect(run(sha, 'v1.0.0').status).toBe(0);
    commit();
    expect(run('--check')).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(path.join(clone, '.github/workflows/reusable_x.yml'), 'utf8')).toContain(`@${sha} # v1.0.0`);
  });

  it('does not pin others', () => {
    run(commit(), 'v1.0.0');
    write('dist/build/index.js', '2');
    commit();
    expect(run('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('has other bundles') });
    run('f'.repeat(40), 'v1.0.0');
    expect(run('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('is not before this commit') });
  });
});
