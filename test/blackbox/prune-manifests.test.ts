import path from 'node:path';
import { failureCode, type PruneBed, startPruneBed } from '@plimsoll/testkit/github/prune-bed';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { afterEach, beforeEach, expect, it } from 'vitest';

let bed: PruneBed;
beforeEach(async () => {
  bed = await startPruneBed();
});

afterEach(() => bed[Symbol.asyncDispose]());

/** Plans once, and how many manifests the registry sent for it. */
async function planned(cache: string, env: Record<string, string> = {}): Promise<[string | undefined, number]> {
  const reads = () =>
    bed.registry.requests.filter(({ method, path: at }) => method === 'GET' && at.includes('/manifests/')).length;
  const before = reads();
  // Of another run on another machine: nothing is left of the one before.
  const fresh = { RUNNER_TEMP: path.join(bed.world.directory, `temp-${before}`), ...env };
  const run = await bed.prune({ 'manifest-cache': cache }, { env: fresh });
  expect([run.exitCode, failureCode(run)]).toEqual([0, undefined]);
  return [run.outputs['planned'], reads() - before];
}

it('keeps manifests in the cache of the repository', async () => {
  bed.fleet();
  const [first, cold] = await planned('actions', { GITHUB_RUN_ID: '1' });
  expect([first, cold > 0]).toEqual(['7', true]);
  expect(bed.world.github.cache.entries.map(({ key }) => key)).toEqual([
    expect.stringMatching(/^plimsoll-manifests-.*-1-1$/),
  ]);
  expect(await planned('actions', { GITHUB_RUN_ID: '2' })).toEqual(['7', 0]);
  expect(bed.world.github.cache.entries).toHaveLength(1);
  bed.shapes.multiPlatform('new', { tags: ['dev-2'] });
  expect(await planned('actions', { GITHUB_RUN_ID: '3' })).toEqual(['12', 5]);
  expect(bed.world.github.cache.entries).toHaveLength(2);
});

it('keeps them as an artifact of a registry', async () => {
  bed.fleet();
  await using registry = await startMemoryRegistry();
  const cache = `oci:${registry.host}/acme/app-cache:prune`;
  const [first, cold] = await planned(cache);
  expect([first, cold > 0]).toEqual(['7', true]);
  expect(await planned(cache)).toEqual(['7', 0]);
  const { tags, manifests } = registry.repository('acme/app-cache');
  expect(JSON.parse(manifests.get(tags.get('prune') ?? '')?.bytes.toString() ?? '')).toMatchObject({
    artifactType: 'application/vnd.plimsoll.manifests.v1',
    config: { mediaType: 'application/vnd.oci.empty.v1+json' },
  });
});

it('plans the same from a cache that was poisoned, torn, or is not there', async () => {
  bed.fleet();
  const [, cold] = await planned('actions', { GITHUB_RUN_ID: '1' });
  const [entry] = bed.world.github.cache.entries;
  const whole = entry?.bytes ?? Buffer.alloc(0);
  const poisons: Buffer[] = [
    // An edge that is taken away would make a needed child look free.
    Buffer.from(whole.toString('latin1').replaceAll('"manifests":[{', '"manifestx":[{'), 'latin1'),
    whole.subarray(0, whole.length / 2),
    Buffer.from('nonsense'),
    Buffer.alloc(0),
  ];
  for (const [index, bytes] of poisons.entries()) {
    bed.world.github.cache.entries.splice(0, 9, ...(entry === undefined ? [] : [{ ...entry, bytes }]));
    const [count, reads] = await planned('actions', { GITHUB_RUN_ID: `1${index}` });
    expect([index, count, reads > 0 && reads <= cold]).toEqual([index, '7', true]);
  }
  expect(await planned('actions', { ACTIONS_RUNTIME_TOKEN: 'wrong' })).toEqual(['7', cold]);
  expect(await planned('actions', { ACTIONS_RESULTS_URL: '' })).toEqual(['7', cold]);
  expect(await planned('off')).toEqual(['7', cold]);
  expect(await planned('off')).toEqual(['7', cold]);
});

it('goes on without a registry that the manifests could be kept in', async () => {
  bed.fleet();
  await using registry = await startMemoryRegistry({ onRequest: () => ({ status: 403 }) });
  expect((await planned(`oci:${registry.host}/acme/app-cache:prune`))[0]).toBe('7');
});

it('refuses the package itself, and what names no tag', async () => {
  bed.fleet();
  const host = bed.registry.host;
  const codes = [];
  for (const at of [`oci:${host}/acme/app:cache`, `oci:${host}/acme/cache`, 'oci:'])
    codes.push(failureCode(await bed.prune({ 'manifest-cache': at })));
  expect(codes).toEqual(['input-conflict', 'input-invalid', 'reference-invalid']);
  expect(bed.registry.requests).toEqual([]);
});
