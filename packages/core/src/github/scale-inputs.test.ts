import { describe, expect, it } from 'vitest';
import { buildMatrix } from '../metadata/build-matrix.ts';
import { readPlatforms, readRunners } from './platforms-input.ts';
import { OPTION_INPUTS } from './build-options.ts';
import { readInputs, variableOf } from './inputs.ts';
import { refuseBuildOnly } from './merge-inputs.ts';
import { readShards } from './shards-input.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('shards', () => {
  it.each([
    ['lines', `${A}\n\n  ${B}\n`],
    ['an object of outputs, some of them empty', JSON.stringify({ amd64: A, riscv64: '', arm64: B }, undefined, 2)],
    ['a list', JSON.stringify([A, B])],
  ])('are read from %s', (_name, text) => {
    expect(readShards(text)).toEqual([A, B]);
  });

  it.each(['{"a": 1}', '{"a"', 'latest', `["${A}", "main"]`])('are not %s', (text) => {
    expect(() => readShards(text)).toThrow(code('input-invalid'));
  });
});

describe('a merge', () => {
  const merge = (given: Readonly<Record<string, string>>) => {
    const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [variableOf(name), value]));
    refuseBuildOnly(readInputs(['build-args', 'cache', ...OPTION_INPUTS], env, { mask() {} }));
  };

  it.each([
    ['build-args', 'A=1'],
    ['build-contexts', 'src=./src'],
    ['secrets', 'a=b'],
    ['builder-endpoint', 'tcp://h:1'],
    ['sbom-generator', 'example.com/generator'],
    ['no-cache', 'true'],
    ['cache', 'registry'],
  ])('refuses %s, which is about how to build', (name, value) => {
    expect(() => merge({ [name]: value })).toThrow(code('input-conflict'));
  });

  it('takes what it heeds, and defaults', () => {
    const given = {
      target: 'final',
      provenance: 'off',
      sbom: 'false',
      'no-cache': 'False',
      pull: 'false',
      cache: 'auto',
    };
    expect(() => merge(given)).not.toThrow();
  });
});

describe('platforms', () => {
  it.each([
    ['linux/amd46', 'amd64'],
    ['linux/x86_64', 'amd64'],
    ['linux/aarch64', 'arm64'],
    ['linux/arm/v99', 'arm/v8'],
    ['linus/amd64', 'linux'],
    ['linux', 'os/architecture'],
    ['linux/amd64,linux/amd64', 'twice'],
    ['linux/arm64,linux/arm64/v8', 'twice'],
    ['linux/arm,linux/arm/v7', 'twice'],
  ])('are not %s', (text, reason) => {
    expect(() => readPlatforms(text.split(','))).toThrow(code('input-invalid'));
    expect(() => readPlatforms(text.split(','))).toThrow(reason);
  });

  it('may be any that Go knows', () => {
    expect(readPlatforms(['linux/arm/v7', 'windows/amd64', 'linux/riscv64'])).toHaveLength(3);
  });

  it('have one name each', () => {
    expect(readPlatforms(['linux/arm64/v8', 'linux/arm'])).toEqual(['linux/arm64', 'linux/arm/v7']);
  });

  it('have one label each', () => {
    expect(readRunners({ 'linux/arm64/v8': 'a', 'linux/s390x': 'z' })).toEqual({
      'linux/arm64': 'a',
      'linux/s390x': 'z',
    });
    expect(() => readRunners({ 'linux/arm64/v8': 'a', 'linux/arm64': 'b' })).toThrow(code('input-conflict'));
  });
});

describe('a matrix', () => {
  it('builds arm on native runners, and the rest on the others', () => {
    const { include } = buildMatrix(['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/s390x'], {});
    expect(include.map(({ name, runner }) => `${name} ${runner}`)).toEqual([
      'linux-amd64 ubuntu-24.04',
      'linux-arm64 ubuntu-24.04-arm',
      'linux-arm-v7 ubuntu-24.04-arm',
      'linux-s390x ubuntu-24.04',
    ]);
  });

  it('takes own labels, and none for what is not built', () => {
    expect(buildMatrix(['linux/s390x'], { 'linux/s390x': 'z' }).include).toMatchObject([{ runner: 'z' }]);
    expect(() => buildMatrix(['linux/amd64'], { 'linux/arm64': 'x' })).toThrow(code('input-conflict'));
  });
});
