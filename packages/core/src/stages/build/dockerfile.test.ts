import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDockerfile } from './dockerfile.ts';

let context: string;
beforeEach(async () => {
  context = await mkdtemp(path.join(os.tmpdir(), 'dockerfile-'));
});
afterEach(() => rm(context, { recursive: true, force: true }));

test('takes the first place and names the others', async () => {
  await mkdir(path.join(context, 'docker'));
  await writeFile(path.join(context, 'docker/Dockerfile'), 'FROM scratch\n');
  await writeFile(path.join(context, 'Containerfile'), 'FROM scratch\n');
  expect(await findDockerfile(context)).toEqual({
    path: path.join(context, 'Containerfile'),
    others: [path.join(context, 'docker/Dockerfile')],
  });
});

test('names every place when there is none', async () => {
  await mkdir(path.join(context, 'Dockerfile'));
  const failure = findDockerfile(context);
  await expect(failure).rejects.toMatchObject({ code: 'dockerfile-missing' });
  await expect(failure).rejects.toThrow(/Dockerfile.*Containerfile.*docker.Dockerfile.*build.Dockerfile/);
});

test('never falls back when a file was named', async () => {
  await writeFile(path.join(context, 'Dockerfile'), 'FROM scratch\n');
  const named = path.join(context, 'Dockerfile.release');
  await expect(findDockerfile(context, named)).rejects.toMatchObject({ code: 'dockerfile-missing' });
});
