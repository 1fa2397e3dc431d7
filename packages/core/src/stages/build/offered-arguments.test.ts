import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offeredArguments } from './offered-arguments.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'offered-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it.each([
  ['FROM scratch\nARG VERSION\n', { VERSION: '1.2.3' }],
  ['FROM scratch\narg VCS_REF=none VERSION=dev\n', { VCS_REF: 'abc', VERSION: '1.2.3' }],
  ['FROM scratch\nARG BUILD_DATE\n# ARG VERSION\nENV VERSION=1\nARG VERSIONS\n', {}],
])('offers what %j declares and the labels say', async (text, expected) => {
  const file = path.join(dir, 'Dockerfile');
  await writeFile(file, text);
  const key = (name: string) => `org.opencontainers.image.${name}`;
  expect(await offeredArguments(file, { [key('revision')]: 'abc', [key('version')]: '1.2.3' })).toEqual(expected);
});
