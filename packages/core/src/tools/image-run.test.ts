import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../runtime/log.ts';
import { imageRunArguments, type RunEnd, runDockerfile, runInImage } from './image-run.ts';

const task = {
  layout: '/layout',
  digest: `sha256:${'a'.repeat(64)}`,
  platform: 'linux/amd64',
  argv: ['/x'],
  timeoutMs: 60_000,
} as const;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'image-run-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A program in place of buildx that writes these lines and ends. */
async function answered(lines: readonly (object | string)[], exitCode: number, timeoutMs = 60_000): Promise<RunEnd> {
  const file = path.join(dir, 'buildx');
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  await writeFile(path.join(dir, 'said'), texts.join('\n') + '\n');
  const rest = exitCode < 0 ? 'exec sleep 60' : `exit ${exitCode}`;
  await writeFile(file, `#!/bin/sh\ncat ${dir}/said >&2\n${rest}\n`, { mode: 0o755 });
  const toolbox = { get: async () => ({ name: 'buildx' as const, version: '0', path: file }) };
  return runInImage(
    { ...task, timeoutMs },
    { toolbox, log: silentLog, env: { PATH: process.env['PATH'] }, tempDir: dir },
  );
}

const step = { digest: 'v', name: '[2/2] RUN --network=none ["/x"]' };
const started = { vertexes: [{ ...step, started: 's' }] };
const ended = (more: object = {}) => ({ vertexes: [{ ...step, started: 's', completed: 'c', ...more }] });
const said = (stream: number, text: string, vertex = 'v') => ({
  logs: [{ vertex, stream, data: Buffer.from(text).toString('base64') }],
});
const failed = (code: string) => ended({ error: `process "/x" did not complete successfully: exit code: ${code}` });

describe('runInImage', () => {
  it('gives exit code and both streams of its step', async () => {
    const lines = [started, said(1, 'a'), said(2, 'b'), said(1, 'ü\n'), said(1, 'other', 'w'), failed('3')];
    expect(await answered(lines, 1)).toEqual({
      kind: 'ended',
      exitCode: 3,
      stdout: 'aü\n',
      stderr: 'b',
      clipped: false,
    });
    expect(await answered([started, ended()], 0)).toMatchObject({ kind: 'ended', exitCode: 0 });
  });

  it.each<readonly [string, object, number, RunEnd['kind']]>([
    ['an answer from the cache', ended({ cached: true }), 0, 'unknown'],
    ['a step without an end', started, 0, 'unknown'],
    ['a build that failed after the step', ended(), 1, 'unknown'],
    [
      'a step that ran out of memory',
      ended({ error: 'process "/x" did not complete successfully: cannot allocate memory' }),
      1,
      'unknown',
    ],
    ['a step that BuildKit stopped', failed('137: context canceled: context canceled'), 1, 'unknown'],
  ])('takes %s for no success', async (_what, line, exitCode, kind) => {
    expect(await answered([started, line], exitCode)).toMatchObject({ kind });
  });

  it('tells what was not started from what ended', async () => {
    const runc = 'runc run failed: unable to start container process: exec: "/x": no such file\n';
    expect(await answered([started, said(2, runc), failed('1')], 1)).toMatchObject({ kind: 'not-started' });
    expect(
      await answered([started, said(2, '[output clipped, log limit 2MiB reached]'), failed('1')], 1),
    ).toMatchObject({ clipped: true });
  });

  it('stops a program that does not end, and gives what it wrote', async () => {
    expect(await answered([started, said(1, 'busy')], -1, 50)).toEqual({ kind: 'timeout', stdout: 'busy', stderr: '' });
  });

  it('fails where the builder does', async () => {
    await expect(answered(['ERROR: no builder "x" found'], 1)).rejects.toMatchObject({ code: 'builder-missing' });
  });
});

it('asks for the platform and the digest, and for nothing that is kept', () => {
  expect(imageRunArguments({ ...task, builder: 'b' }, '/d/Dockerfile').join(' ')).toBe(
    `build --builder b --file /d/Dockerfile --platform linux/amd64 --build-context image=oci-layout:///layout@${task.digest} ` +
      '--no-cache --provenance=false --sbom=false --output type=cacheonly --progress=rawjson -- /d',
  );
});

it.each([
  ['<<EOF'],
  ['$HOME'],
  ["it's"],
  ['back\\slash'],
  ['line\nline'],
  ['"quoted"'],
  ['\u2028 ü 🚢'],
  ['# x'],
  ['`id`'],
])('the argument %j stands on one line, with nothing that a Dockerfile gives a meaning', (argument) => {
  const [, line = ''] = runDockerfile(['x', argument]).split('\n');
  expect(line).toMatch(/^RUN --network=none \[[\w ",.:/=@+\\[\]-]+\]$/);
  expect(JSON.parse(line.replace('RUN --network=none ', ''))).toEqual(['x', argument]);
});
