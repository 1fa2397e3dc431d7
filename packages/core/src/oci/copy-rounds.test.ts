import { type DirectRegistry, directRegistry } from '@plimsoll/testkit/promote/direct-http';
import { Rounds } from '@plimsoll/testkit/promote/rounds';
import { type BlobFixture, blobOf, indexOf, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { describe, expect, it } from 'vitest';
import { noCredentials } from './auth/credentials.ts';
import type { ManifestBlob } from './content.ts';
import { executeCopy } from './copy.ts';
import { planCopy } from './copy-plan.ts';
import { descriptorOf } from './manifest.ts';
import { Registries } from './registry/registries.ts';

const layers = Array.from({ length: 22 }, (_none, at) => blobOf(`layer ${at}`));
const platforms = [0, 11].map((first) => platform(`platform ${first}`, layers.slice(first, first + 11)));
const index = indexOf(...platforms);
const bundles = Array.from({ length: 7 }, (_none, at) => blobOf(`bundle ${at}`));
const subjects = [index, index, index, ...platforms, ...platforms];
const referrers = subjects.map(({ digest }, at) =>
  manifestOf(`referrer ${at}`, {
    subject: digest,
    layers: bundles.slice(at, at + 1).map(({ descriptor }) => descriptor),
  }),
);

function platform(name: string, blobs: readonly BlobFixture[]): ManifestBlob {
  return manifestOf(name, { layers: blobs.map(({ descriptor }) => descriptor) });
}

/** Registries that list no referrers; the first has two platforms of 11 layers and 7 referrers. */
function world() {
  const [from, to] = [directRegistry({ referrersApi: false }), directRegistry({ referrersApi: false })] as const;
  store(from, [...platforms, index, ...referrers]);
  for (const { descriptor, bytes } of [...layers, ...bundles])
    from.repository('acme/app').blobs.set(descriptor.digest, bytes);
  for (const subject of [index, ...platforms]) {
    const hung = referrers.filter((_one, at) => subjects[at] === subject);
    store(from, [indexOf(...hung)], subject.digest.replace(':', '-'));
  }
  return { from, to };
}

async function copy({ from, to }: ReturnType<typeof world>, published: boolean) {
  const rounds = new Rounds();
  const end = (registry: DirectRegistry, host: string) =>
    new Registries({ credentials: noCredentials, http: rounds.of(registry) }).repository({
      registry: host,
      repository: 'acme/app',
    });
  const [source, target] = [end(from, 'source.test'), end(to, 'destination.test')];
  await source.findManifest(index.digest);
  const plan = await planCopy({ source, target, root: descriptorOf(index), referrers: true, published });
  await executeCopy(plan, { source, target, proofFollows: true });
  return rounds.rounds.slice(1);
}

describe('a copy waits for answers', () => {
  it('seven times in a row: manifests, referrers, upload, blob, manifest, fallback tag, root', async () => {
    const there = world();
    const rounds = await copy(there, false);
    expect(rounds).toHaveLength(7);
    const last = rounds.at(-1) ?? [];
    expect(last).toContain(`PUT manifests/${index.digest}`);
    expect(last.filter((line) => line.startsWith('GET manifests/sha256-'))).toHaveLength(3);
    expect(there.to.requests.length + there.from.requests.length).toBeLessThanOrEqual(126);
  });

  it('twice when all is there, and asks the destination five things', async () => {
    const there = world();
    await copy(there, false);
    there.to.requests.splice(0);
    expect(await copy(there, true)).toHaveLength(2);
    expect(there.to.requests).toHaveLength(5);
  });
});
