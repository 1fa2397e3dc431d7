import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlimsollError } from '../runtime/errors.ts';
import type { BuildOptions } from '../tools/build-options.ts';
import { OPTION_INPUTS, readBuildOptions } from './build-options.ts';
import { readInputs, variableOf } from './inputs.ts';

let workspace: string;
beforeAll(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'options-'));
  mkdirSync(path.join(workspace, 'src'));
  writeFileSync(path.join(workspace, 'key'), 'file-secret\n');
  writeFileSync(path.join(workspace, 'nothing'), '');
  writeFileSync(path.join(workspace, 'blank'), ' \n\t\r\n');
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

type Given = Readonly<Partial<Record<(typeof OPTION_INPUTS)[number], string>>>;

function read(given: Given, env: Readonly<Record<string, string>> = {}) {
  const masks: string[] = [];
  const masker = { mask: (value: string) => void masks.push(value) };
  const variables = Object.fromEntries(Object.entries(given).map(([name, value]) => [variableOf(name), value]));
  const inputs = readInputs(OPTION_INPUTS, variables, masker);
  return { options: readBuildOptions({ inputs, env, workspace, masker }), masks };
}

function refusal(given: Given, env: Readonly<Record<string, string>> = {}): PlimsollError {
  try {
    read(given, env);
  } catch (error) {
    return error as PlimsollError;
  }
  return expect.unreachable('it was not refused');
}

describe('readBuildOptions', () => {
  it('asks for everything to be proved and nothing else', () => {
    const { options } = read({});
    const said = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
    expect(Object.fromEntries(said.filter(([, value]) => JSON.stringify(value).length > 2))).toEqual({
      provenance: 'max',
      sbom: true,
    });
  });

  it.each<readonly [Given, (root: string) => BuildOptions]>([
    [
      { target: 'final', network: 'none', 'shm-size': '2g' },
      () => ({ target: 'final', network: 'none', shmSize: '2g' }),
    ],
    [{ 'shm-size': '1.5GiB' }, () => ({ shmSize: '1.5GiB' })],
    [{ 'no-cache': 'true', pull: 'true', sbom: 'false' }, () => ({ noCache: true, pull: true, sbom: false })],
    [{ 'no-cache-filters': 'a,b\nc' }, () => ({ noCacheFilters: ['a', 'b', 'c'] })],
    [{ 'add-hosts': 'a:10.0.0.1\nb=::1' }, () => ({ addHosts: ['a:10.0.0.1', 'b=::1'] })],
    [
      { ulimit: 'nofile=1024:2048', allow: 'network.host' },
      () => ({ ulimit: ['nofile=1024:2048'], allow: ['network.host'] }),
    ],
    [{ 'cache-to': 'type=gha,mode=max' }, () => ({ cacheTo: ['type=gha,mode=max,ignore-error=true'] })],
    [{ 'cache-to': 'type=gha,ignore-error=false' }, () => ({ cacheTo: ['type=gha,ignore-error=false'] })],
    [{ 'cache-to': 'type=inline' }, () => ({ cacheTo: ['type=inline'] })],
    [
      { 'cache-to': 'ghcr.io/a/b:cache\nc/d:1, e/f:2' },
      () => ({
        cacheTo: ['ghcr.io/a/b:cache', 'c/d:1', 'e/f:2'].map((ref) => `type=registry,ref=${ref},ignore-error=true`),
      }),
    ],
    [
      { 'build-contexts': 'src=src\nbase=docker-image://alpine' },
      (root) => ({ buildContexts: { src: path.join(root, 'src'), base: 'docker-image://alpine' } }),
    ],
    [{ 'add-hosts': 'a:10.0.0.1,b:10.0.0.2' }, () => ({ addHosts: ['a:10.0.0.1', 'b:10.0.0.2'] })],
    [{ 'cache-from': '"type=gha,scope=a"' }, () => ({ cacheFrom: ['type=gha,scope=a'] })],
    [
      { 'build-contexts': '"src=src"\n"base=docker-image://alpine"' },
      (root) => ({ buildContexts: { src: path.join(root, 'src'), base: 'docker-image://alpine' } }),
    ],
    [{ ssh: 'a=key,b=key' }, (root) => ({ ssh: [`a=${path.join(root, 'key')}`, `b=${path.join(root, 'key')}`] })],
    [{ ssh: 'a=key,./key' }, (root) => ({ ssh: [`a=${path.join(root, 'key')},${path.join(root, 'key')}`] })],
    [{ ssh: 'default=key' }, (root) => ({ ssh: [`default=${path.join(root, 'key')}`] })],
  ])('takes %o', (given, expected) => {
    expect(read(given).options).toMatchObject(expected(workspace));
  });

  it('takes the agent of the job', () => {
    const agent = { SSH_AUTH_SOCK: '/agent' };
    expect(read({ ssh: 'default' }, agent).options.ssh).toEqual(['default']);
    expect(read({ ssh: 'a=key,default' }, agent).options.ssh).toEqual([`a=${path.join(workspace, 'key')}`, 'default']);
  });

  it.each<Given>([
    { network: 'bridge' },
    { provenance: 'yes' },
    { 'shm-size': 'big' },
    { 'shm-size': '1g\n2g' },
    { 'shm-size': '1.g' },
    { ulimit: 'nofile' },
    { 'add-hosts': 'name' },
    { 'build-contexts': 'src=absent' },
    { 'build-contexts': 'src=https://user:abcdefgh@host.example/x.git' },
    { ssh: 'default' },
    { ssh: 'default=absent' },
    { 'cache-from': 'type=s3,secret_access_key=abcdefgh' },
    { 'cache-to': 'type=gha,token=abcdefgh' },
  ])('refuses %o', (given) => {
    const error = refusal(given);
    expect(error.code).toBe('input-invalid');
    expect(`${error.message}${error.hint}`).not.toContain('abcdefgh');
  });
});

describe('sbom-generator', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each([`docker/scanner@${digest}`, `registry.example:5000/scanner:1@${digest}`])('may be %s', (image) => {
    expect(read({ 'sbom-generator': image }).options.sbomGenerator).toBe(image);
  });

  it.each<readonly [string, Given]>([
    ['digest-required', { 'sbom-generator': 'docker/scanner:latest' }],
    ['digest-required', { 'sbom-generator': 'docker/scanner' }],
    ['digest-invalid', { 'sbom-generator': 'docker/scanner@sha256:1' }],
    ['reference-invalid', { 'sbom-generator': `generator=docker/scanner@${digest}` }],
    ['input-conflict', { 'sbom-generator': `docker/scanner@${digest}`, sbom: 'false' }],
  ])('is refused with %s: %o', (code, given) => {
    expect(refusal(given).code).toBe(code);
  });
});

describe('secrets', () => {
  it('come from inputs, variables and files, and are masked', () => {
    const secrets = '# none\nTOKEN=a=b,"c"\n"KEY=line 1\nline ""2""\n"\n';
    const given = { secrets, 'secret-envs': 'NPM=NPM_TOKEN\nPLAIN', 'secret-files': 'FILE=key' };
    const { options, masks } = read(given, { NPM_TOKEN: 'from-env', PLAIN: 'plain-env' });
    expect(options.secrets).toEqual([
      { id: 'TOKEN', value: 'a=b,"c"' },
      { id: 'KEY', value: 'line 1\nline "2"\n' },
      { id: 'NPM', value: 'from-env' },
      { id: 'PLAIN', value: 'plain-env' },
      { id: 'FILE', file: path.join(workspace, 'key') },
    ]);
    expect(masks).toEqual(expect.arrayContaining(['a=b,"c"', 'line 1\nline "2"\n', 'from-env', 'file-secret\n']));
  });

  it('are separated as docker/build-push-action has them', () => {
    const given = { 'secret-envs': 'NPM=NPM_TOKEN,PLAIN', 'secret-files': '"FILE=key"' };
    expect(read(given, { NPM_TOKEN: 'a1', PLAIN: 'b2' }).options.secrets).toEqual([
      { id: 'NPM', value: 'a1' },
      { id: 'PLAIN', value: 'b2' },
      { id: 'FILE', file: path.join(workspace, 'key') },
    ]);
  });

  it.each<readonly [string, Given]>([
    ['that is empty', { secrets: 'TOKEN=' }],
    ['without a name', { secrets: 'hunter22' }],
    ['that stands there twice', { secrets: 'A=hunter22\nA=hunter23' }],
    ['whose quotes do not end', { secrets: '"A=hunter22' }],
    ['of a variable that is not set', { 'secret-envs': 'A=ABSENT' }],
    ['of a file that is not there', { 'secret-files': 'A=absent' }],
    ['of an empty file', { 'secret-files': 'A=nothing' }],
    ['of a blank file', { 'secret-files': 'A=blank' }],
    ['that is blank', { secrets: '"A=   "' }],
    ['of a blank variable', { 'secret-envs': 'A=BLANK' }],
    ['of a directory', { 'secret-files': 'A=src' }],
  ])('%s is refused without its value', (_name, given) => {
    const error = refusal(given, { BLANK: ' \n    ' });
    expect(error.code).toBe('input-invalid');
    expect(`${error.message}${error.hint}`).not.toContain('hunter2');
  });
});
