import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { type ActionRequest, type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let registry: FaultBoard;
let base: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub', 'buildkit'] });
  registry = new FaultBoard(world.ghcr.front);
  base = await world.images.base();
});
afterAll(() => world.close());

/** One static program and nothing else: there is no shell at any path. */
const SCRATCH =
  'FROM BASE AS base\nFROM scratch\nCOPY --from=base /usr/bin/busybox /busybox\nENTRYPOINT ["/busybox"]\n';

/** Builds, tests and uploads by digest. */
function build(name: string, dockerfile: string, smoke: string, more: Partial<ActionRequest> = {}): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspaces', name);
  writeFileSync(path.join(cwd, 'Dockerfile'), dockerfile.replaceAll('BASE', base));
  // No program of any processor: the kernel refuses it as it refuses one of another.
  writeFileSync(path.join(cwd, 'foreign'), '\u007fELF of nobody\n');
  const image = `${world.ghcr.host}/acme/${name}`;
  const inputs = { image, sbom: 'false', push: 'true', 'smoke-test': smoke, ...more.inputs };
  return runAction({ action: 'build', world, cwd, ...more, inputs });
}

interface Result {
  readonly test: string;
  readonly platform: string;
  readonly outcome: string;
  readonly detail: string;
}

function results(step: ActionRun): readonly Result[] {
  return JSON.parse(step.outputs['smoke'] || '[]') as readonly Result[];
}

describe('an image that does what its tests expect', () => {
  it('is uploaded, though it has no shell, no root and instructions for builds on top of it', async () => {
    const dockerfile = `${SCRATCH}ENV GREETING=moin\nUSER 1234:1234\nWORKDIR /srv/data\nONBUILD RUN ["/nothing"]\nCMD ["echo", "by itself"]\n`;
    const tests = [
      '- stdout: { matches: ^by itself$ }',
      `- { args: [sh, -c, 'exit 7'], exit-code: [7, 8] }`,
      `- { args: [sh, -c, 'echo $GREETING $PWD $(/busybox id -u); echo wrong >&2'], stdout: { contains: [moin /srv/data, '1234'] }, stderr: wrong }`,
      '- { run: /busybox cat /proc/net/dev, stdout: { matches: "lo:" } }',
      `- { run: [/busybox, sh, -c, '/busybox ls /sys/class/net'], stdout: { matches: '^lo\\s*$' } }`,
    ];
    const step = await build('well', dockerfile, tests.join('\n'));
    expect(codeOf(step), step.log).toBeUndefined();
    expect(results(step).map(({ outcome }) => outcome)).toEqual(tests.map(() => 'passed'));
    expect(registry.manifests('acme/well')).toContain(step.outputs['digest']);
    expect(step.summary).toContain('### Smoke test');
    expect(step.summary).toMatch(/\| Took \| build .* s, smoke .* s, publish .* s \|/);
  });

  it('is started on each of its platforms, emulated where it is foreign', async () => {
    const inputs = { platforms: 'linux/amd64,linux/arm64' };
    const step = await build('two', SCRATCH, '- { args: echo ahoy, stdout: ahoy }', { inputs });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(results(step)).toMatchObject([
      { platform: 'linux/amd64', outcome: 'passed' },
      { platform: 'linux/arm64', outcome: 'passed' },
    ]);
  });

  it('keeps words and signs of a line as they are', async () => {
    const line = `printf '%s|' "two  words" '$HOME' '<<EOF' 'a\\b' "it's" ü ''`;
    const stdout = "two  words|$HOME|<<EOF|a\\b|it's|ü||";
    const step = await build('words', SCRATCH, JSON.stringify([{ args: line, stdout }]));
    expect(codeOf(step), step.log).toBeUndefined();
  });
});

describe('nothing is uploaded of an image', () => {
  it('that does something else, does not end, or does not even start', async () => {
    const tests = [
      ['sh -c "exit 3"', 'failed'],
      ['{ args: "true", exit-code: 1 }', 'failed'],
      ['{ args: echo ahoy, stdout: moin }', 'failed'],
      ['{ args: echo moin, stderr: { matches: moin } }', 'failed'],
      ['{ args: sleep 600, timeout: 2s }', 'timeout'],
      ['{ run: /nothing, exit-code: 1 }', 'not-started'],
      ['{ run: /, exit-code: 1 }', 'not-started'],
      ['{ args: [sh, -c, nothing], exit-code: [1, 2] }', 'not-started'],
    ];
    const step = await build('bad', SCRATCH, tests.map(([test]) => `- ${test}`).join('\n'));
    expect(results(step).map(({ outcome }) => outcome)).toEqual(tests.map(([, outcome]) => outcome));
    expect([codeOf(step), registry.writes('acme/bad')]).toEqual(['smoke-failed', []]);
    expect(step.summary).toContain('❌ out of time');
  });

  it('that names no program, or one of another processor', async () => {
    const none = await build('none', 'FROM scratch\nCOPY foreign /app\n', '- exit-code: 1');
    expect([codeOf(none), registry.writes('acme/none')]).toEqual(['smoke-not-started', []]);
    const dockerfile = 'FROM scratch\nCOPY --chmod=755 foreign /app\nENTRYPOINT ["/app"]\n';
    const foreign = await build('foreign', dockerfile, '- exit-code: 1', { inputs: { platforms: 'linux/s390x' } });
    expect([codeOf(foreign), registry.writes('acme/foreign')]).toEqual(['smoke-incomplete', []]);
    expect(foreign.log).toContain('"mode: shard"');
  });

  it('that a shard of it did not start', async () => {
    const step = await build('shard', SCRATCH, 'sh -c "exit 3"', {
      inputs: { mode: 'shard', scan: 'false', push: 'auto' },
    });
    expect([codeOf(step), registry.writes('acme/shard')]).toEqual(['smoke-failed', []]);
  });

  it('that failed on one of its platforms, and the others are told too', async () => {
    const inputs = { platforms: 'linux/amd64,linux/arm64' };
    const dockerfile = `${SCRATCH}ARG TARGETARCH\nENV ARCH=$TARGETARCH\n`;
    const tests = `- args: [sh, -c, 'echo $ARCH; [ $ARCH = amd64 ]']\n- { args: "true", platforms: [linux/amd64] }`;
    const step = await build('half', dockerfile, tests, { inputs });
    expect(results(step).map(({ platform, outcome }) => `${platform} ${outcome}`)).toEqual([
      'linux/amd64 passed',
      'linux/arm64 failed',
      'linux/amd64 passed',
    ]);
    expect(registry.writes('acme/half')).toEqual([]);
  });
});

describe('the input', () => {
  it('is printed by a dry run, which starts nothing', async () => {
    const step = await build('dry', SCRATCH, '--version', { inputs: { 'dry-run': 'true' } });
    expect(step.log).toContain('"--version" on linux/amd64');
    expect(step.outputs['smoke'] ?? '').toBe('');
  });

  it.each<readonly [string, string, string]>([
    ['an operator of a shell', 'true && false', 'input-invalid'],
    ['a platform that is not built', '- { args: "true", platforms: [linux/arm64] }', 'input-invalid'],
    ['a code that nobody can expect', '- { args: "true", exit-code: 127 }', 'input-invalid'],
    ['two programs', '- { args: "true", run: "false" }', 'input-conflict'],
  ])('is refused with %s', async (_what, tests, code) => {
    expect(codeOf(await build('refused', SCRATCH, tests))).toBe(code);
  });
});
