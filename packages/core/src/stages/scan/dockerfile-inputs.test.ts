import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { knownDockerfile, readDockerfileInputs } from './dockerfile-inputs.ts';

let workspace: string;
beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'plimsoll-dockerfile-'));
  await mkdir(path.join(workspace, 'app', 'docker'), { recursive: true });
  await writeFile(path.join(workspace, 'app', 'docker', 'Dockerfile'), 'FROM x\n');
});
afterEach(() => rm(workspace, { recursive: true }));

const inputs = (values: Record<string, string>) => ({ text: (name: string) => values[name] });
const read = (values: Record<string, string>, source?: string) =>
  readDockerfileInputs(inputs(values), { source, workspace });

test('is the one that is named, else the first in the source, with its path in the repository', async () => {
  const found = { file: path.join(workspace, 'app/docker/Dockerfile'), path: 'app/docker/Dockerfile' };
  expect(await read({}, path.join(workspace, 'app'))).toEqual({ ...found, target: undefined });
  expect(await read({ file: 'app/docker/Dockerfile', target: 'run' })).toEqual({ ...found, target: 'run' });
});

test('one that is named has to be there; otherwise none is no mistake', async () => {
  await expect(read({ file: 'nowhere' })).rejects.toMatchObject({ code: 'dockerfile-missing' });
  expect(await read({}, workspace)).toBeUndefined();
  expect(await read({})).toBeUndefined();
  expect(await knownDockerfile({ context: workspace, file: 'nowhere', target: undefined }, workspace)).toBeUndefined();
});

test('one outside of the repository is of no use to code scanning', async () => {
  const known = await knownDockerfile(
    { context: path.join(workspace, 'app'), file: undefined, target: undefined },
    path.join(workspace, 'else'),
  );
  expect(known).toBeUndefined();
});
