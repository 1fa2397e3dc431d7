import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { imageIndex } from '@plimsoll/testkit/world/image/image';
import { writeLayout } from '@plimsoll/testkit/world/image/layout';
import { tarFile, tarOf } from '@plimsoll/testkit/world/image/tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchConfigOf } from '../oci/launch-config.ts';
import { openLayout } from '../oci/layout.ts';
import { platformsOf } from '../oci/platforms.ts';
import { readSmokeTests } from '../policy/smoke-schema.ts';
import { silentLog } from '../runtime/log.ts';
import type { ImageRun, RunEnd } from '../tools/image-run.ts';
import { smokeTest } from './smoke.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'smoke-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const WELL: RunEnd = { kind: 'ended', exitCode: 0, stdout: '', stderr: '', clipped: false };

/** Tests an image of amd64 and arm64 with this configuration, and notes what would be started. */
async function tested(config: object, tests: unknown, nodes: readonly { builder: string; platforms: string[] }[] = []) {
  const layers = [await tarOf([tarFile('x', 'y')])];
  const architectures = ['amd64', 'arm64'];
  const images = architectures.map((architecture) => ({ architecture, layers, config: { ...config } }));
  const directory = path.join(dir, 'layout');
  await writeLayout(directory, imageIndex(images));
  const layout = await openLayout(directory);
  const tasks: ImageRun[] = [];
  const launches: object[] = [];
  const request = { layout, tests: readSmokeTests(tests), nodes, tempDir: dir };
  const results = await smokeTest(request, {
    log: silentLog,
    runInImage: async (task) => {
      tasks.push(task);
      launches.push(await launchConfigOf(await openLayout(task.layout), task.digest));
      return WELL;
    },
  });
  const published = (await platformsOf(layout, layout.root.digest)).map(({ descriptor }) => descriptor.digest);
  return { results, tasks, launches, published, directory };
}

describe('smokeTest', () => {
  it('starts what the image starts, on the digest of each platform', async () => {
    const { tasks, results, published } = await tested({ Entrypoint: ['/e', 'a'], Cmd: ['c'] }, [{}, 'd "e f"']);
    expect(tasks.map(({ platform, argv }) => [platform, argv])).toEqual([
      ['linux/amd64', ['/e', 'a', 'c']],
      ['linux/arm64', ['/e', 'a', 'c']],
      ['linux/amd64', ['/e', 'a', 'd', 'e f']],
      ['linux/arm64', ['/e', 'a', 'd', 'e f']],
    ]);
    expect(tasks.map(({ digest }) => digest)).toEqual([...published, ...published]);
    expect(results.map(({ digest, outcome }) => [digest, outcome]).slice(0, 2)).toEqual(
      published.map((digest) => [digest, 'passed']),
    );
  });

  it('runs a test where it is for, by any name of the platform, and on the builder of that', async () => {
    const nodes = [
      { builder: 'x86', platforms: ['linux/amd64'] },
      { builder: 'arm', platforms: ['linux/arm64'] },
    ];
    const { tasks } = await tested({ Cmd: ['c'] }, { platforms: ['linux/arm64/v8'] }, nodes);
    expect(tasks.map(({ platform, builder }) => [platform, builder])).toEqual([['linux/arm64', 'arm']]);
  });

  it('takes away instructions for builds on top, and nothing else, and tells of what is published', async () => {
    const config = { Entrypoint: ['/e'], Cmd: ['c'], User: '7', OnBuild: ['RUN x'] };
    const { tasks, launches, results, published, directory } = await tested(config, {});
    expect(launches).toEqual(published.map(() => ({ entrypoint: ['/e'], cmd: ['c'], hasTriggers: false })));
    expect(tasks.every(({ layout, digest }) => layout !== directory && !published.includes(digest))).toBe(true);
    expect(results.map(({ digest }) => digest)).toEqual(published);
    expect(await readdir(dir)).toEqual(['layout']);
    expect((await readdir(path.join(directory, 'blobs', 'sha256'))).length).toBe(6);
  });

  it('starts nothing where there is no program', async () => {
    const { tasks, results } = await tested({}, { args: [] });
    expect([tasks, results.map(({ outcome }) => outcome)]).toEqual([[], ['not-started', 'not-started']]);
  });
});
