import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseRepositoryName } from '@plimsoll/core/oci/reference';
import { Memory } from '@plimsoll/core/runtime/memory';
import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { expect, it } from 'vitest';
import { basesOf } from './bases.ts';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './job.ts';
import type { RunTools } from './run-tools.ts';

it('what an earlier run made is brought to a directory that is no image of the family', async () => {
  await using registry = await startMemoryRegistry();
  const manifest = manifestOf('a');
  store(registry, [manifest]);
  const families = await mkdtemp(path.join(tmpdir(), 'bases-'));
  const names = ['a', 'a.base', 'b'];
  for (const name of names) await mkdir(path.join(families, name));
  const { repository } = connect(registry);
  const build = { image: parseRepositoryName('x.test/a') };
  const job = (name: string, needs: Job['needs']) =>
    ({ name, needs, given: { build }, image: { tags: { commit: 'sha-1' } }, repository }) as unknown as Job;
  const standing = job('b', [{ context: 'base', member: 'a' }]);
  const tools = { memory: new Memory(), jobs: [job('a', []), standing] } as unknown as RunTools;
  const context = { github: { tempDir: path.join(families, 'b') } } as unknown as PipelineContext;
  const [base] = await basesOf(standing, [{ name: 'a', digest: manifest.digest }], { tools, context });
  expect(base).toMatchObject({ context: 'base', reference: 'x.test/a:sha-1', digest: manifest.digest });
  expect(await readdir(base?.layout ?? '')).toContain('index.json');
  for (const name of names) expect(await readdir(path.join(families, name))).toEqual([]);
  await rm(families, { recursive: true });
});
