import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBuilderInputs, refuseUncovered } from '../github/builder-inputs.ts';
import { readInputs } from '../github/inputs.ts';
import type { Run } from '../runtime/exec.ts';
import { silentLog } from '../runtime/log.ts';
import { provideBuilders } from '../stages/build/provided-builder.ts';
import { assignPlatforms } from '../stages/build/spread-build.ts';
import { BUILDKIT_IMAGE, createArguments, removeBuilder } from './builder.ts';

let tempDir: string;
beforeAll(async () => {
  tempDir = await mkdtemp(path.join(tmpdir(), 'builder-'));
});
afterAll(() => rm(tempDir, { recursive: true, force: true }));

type Answer = Partial<Awaited<ReturnType<Run>>>;

/** A buildx that writes down what it is asked, and says what the test wants. */
function recorder(answer: Answer | ((args: readonly string[]) => Answer) = {}) {
  const asked: string[][] = [];
  const remembered: string[] = [];
  const run: Run = (_program, args) => {
    asked.push([...args]);
    const said = typeof answer === 'function' ? answer(args) : answer;
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', durationMs: 1, truncated: false, ...said });
  };
  const toolbox = { get: () => Promise.resolve({ path: '/buildx', version: '0.37.0' } as never) };
  const remember = (names: readonly string[]) => void remembered.push(...names);
  return { asked, remembered, ports: { toolbox, env: {}, tempDir, run, log: silentLog, remember } };
}

function wish(text: Readonly<Record<string, string>>, wanted = ['linux/amd64']) {
  const names = ['builder', 'builder-endpoint', 'mirror'] as const;
  const env = Object.fromEntries(Object.entries(text).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  const read = readBuilderInputs(readInputs(names, env, { mask() {} }), tempDir);
  refuseUncovered(read, wanted);
  return read;
}

const failing = (code: string) => expect.objectContaining({ code });

describe('builder-endpoint', () => {
  it('names remote daemons, each for its platforms', () => {
    const { nodes } = wish(
      {
        'builder-endpoint': 'tcp://10.0.0.1:1234 platforms=linux/amd64\nunix:///b.sock platforms=linux/arm64,linux/arm',
      },
      ['linux/amd64', 'linux/arm64'],
    );
    expect(nodes.map((node) => createArguments('b', node).join(' '))).toEqual([
      'create --name b --driver remote --platform linux/amd64 -- tcp://10.0.0.1:1234',
      'create --name b --driver remote --platform linux/arm64,linux/arm/v7 -- unix:///b.sock',
    ]);
  });

  it('takes the options of the Kubernetes driver, commas and all', () => {
    const line = 'kubernetes namespace=ci replicas=2 nodeselector=a=b,kubernetes.io/arch=arm64 platforms=linux/arm64';
    const args = wish({ 'builder-endpoint': line }, ['linux/arm64']).nodes.map((node) => createArguments('b', node));
    expect(args[0]).toEqual([
      ...'create --name b --driver kubernetes --platform linux/arm64'.split(' '),
      ...'--driver-opt namespace=ci --driver-opt replicas=2 --driver-opt'.split(' '),
      '"nodeselector=a=b,kubernetes.io/arch=arm64"',
    ]);
  });

  it('has a platform by any of its names', () => {
    const line = 'tcp://h:1 platforms=linux/arm64/v8,linux/amd64/v1';
    const { nodes } = wish({ 'builder-endpoint': line }, ['linux/arm64', 'linux/amd64']);
    expect(nodes[0]?.platforms).toEqual(['linux/arm64', 'linux/amd64']);
  });

  it.each([
    ['no endpoint', { 'builder-endpoint': 'linux/amd64' }, 'input-invalid'],
    ['an option without a value', { 'builder-endpoint': 'tcp://h:1 cacert' }, 'input-invalid'],
    ['a file that is not there', { 'builder-endpoint': 'tcp://h:1 cacert=nowhere.pem' }, 'input-invalid'],
    ['an unknown platform', { 'builder-endpoint': 'tcp://h:1 platforms=linux/amd46' }, 'input-invalid'],
    ['a platform that no line has', { 'builder-endpoint': 'tcp://h:1 platforms=linux/arm64' }, 'input-conflict'],
    ['a builder as well', { 'builder-endpoint': 'tcp://h:1', builder: 'mine' }, 'input-conflict'],
    ['a mirror as well', { 'builder-endpoint': 'tcp://h:1', mirror: 'mirror.gcr.io' }, 'input-conflict'],
    ['a mirror that is a URL', { mirror: 'https://mirror.gcr.io' }, 'input-invalid'],
  ])('with %s is refused', (_name, given, code) => {
    expect(() => wish(given)).toThrow(failing(code));
  });
});

describe('the builder of a run', () => {
  const none = { named: undefined, nodes: [], mirror: undefined };

  it('is a container with BuildKit by digest where there is only the docker driver', async () => {
    const { asked, remembered, ports } = recorder({ stdout: 'Name:   default\nDriver: docker\n' });
    const nodes = await provideBuilders(none, ports);
    const [name] = remembered;
    expect(nodes).toEqual([{ builder: name, platforms: [] }]);
    expect(asked.map((args) => args.join(' '))).toEqual([
      'inspect',
      `create --name ${name} --driver docker-container --driver-opt image=${BUILDKIT_IMAGE}`,
    ]);
    expect(BUILDKIT_IMAGE).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it('pulls BuildKit and base images from the mirror', async () => {
    const { asked, ports } = recorder();
    await provideBuilders({ ...none, mirror: 'mirror.gcr.io' }, ports);
    const [args = []] = asked;
    expect(args).toContain(`image=mirror.gcr.io/${BUILDKIT_IMAGE}`);
    const config = readFileSync(args[args.indexOf('--buildkitd-config') + 1] ?? '', 'utf8');
    expect(config).toContain('[registry."docker.io"]\n  mirrors = ["mirror.gcr.io"]');
  });

  it.each([
    ['another driver is in use', none, { stdout: 'Driver: docker-container\n' }, {}],
    ['there is none at all', none, { exitCode: 1, stderr: 'ERROR: no builder' }, {}],
    ['the environment names one', none, { stdout: 'Driver: docker\n' }, { BUILDX_BUILDER: 'mine' }],
    ['the input names one', { ...none, named: 'mine' }, { stdout: 'Driver: docker\n' }, {}],
  ])('is left alone where %s', async (_name, given, answer, env) => {
    const { asked, remembered, ports } = recorder(answer);
    const named = given.named === undefined ? [] : [{ builder: given.named, platforms: [] }];
    expect(await provideBuilders(given, { ...ports, env })).toEqual(named);
    expect(remembered).toEqual([]);
    expect(asked.filter(([verb]) => verb !== 'inspect')).toEqual([]);
  });

  it('is remembered before it is made, also where another one fails', async () => {
    const nodes = ['one', 'two', 'three'].map((host) => {
      return { driver: 'remote', endpoint: `tcp://${host}:1`, platforms: [], options: {} } as const;
    });
    const { asked, remembered, ports } = recorder((args) => {
      expect(remembered).toHaveLength(3);
      return args.includes('tcp://two:1') ? { exitCode: 1, stderr: 'ERROR: no' } : {};
    });
    await expect(provideBuilders({ ...none, nodes }, ports)).rejects.toMatchObject({ code: 'builder-missing' });
    expect(asked.map((args) => args[args.indexOf('--name') + 1]).toSorted()).toEqual(remembered.toSorted());
  });

  it('is not remembered where there is no buildx that could make or remove it', async () => {
    const { remembered, ports } = recorder();
    const toolbox = { get: () => Promise.reject(new Error('no buildx')) };
    await expect(provideBuilders({ ...none, mirror: 'm.test' }, { ...ports, toolbox })).rejects.toThrow('no buildx');
    expect(remembered).toEqual([]);
  });

  it('is removed with everything that belongs to it, and may be gone already', async () => {
    const { asked, ports } = recorder({
      exitCode: 1,
      stderr: 'failed to remove b: no builder "b" found\nERROR: failed to remove one or more builders',
    });
    await removeBuilder('b', ports);
    expect(asked).toEqual([['rm', '--force', 'b']]);
    const broken = recorder({ exitCode: 1, stderr: 'ERROR: permission denied' });
    await expect(removeBuilder('b', broken.ports)).rejects.toMatchObject({ code: 'builder-missing' });
  });
});

describe('platforms', () => {
  const node = (builder: string, ...platforms: string[]) => ({ builder, platforms });

  it.each([
    ['each to the one that lists it', [node('a', 'x'), node('b', 'y', 'z')], { a: 'x', b: 'y z' }],
    ['what nobody lists to one that lists nothing', [node('a', 'x'), node('b')], { a: 'x', b: 'y z' }],
    ['evenly where several can', [node('a'), node('b')], { a: 'x z', b: 'y' }],
    ['all to the only one', [node('a')], { a: 'x y z' }],
  ])('go %s', (_name, nodes, expected) => {
    const assigned = assignPlatforms(['x', 'y', 'z'], nodes);
    expect(Object.fromEntries([...assigned].map(([name, list]) => [name, list.join(' ')]))).toEqual(expected);
  });
});
