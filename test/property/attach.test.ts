import { setTimeout as delay } from 'node:timers/promises';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { expect, it } from 'vitest';

const ROUNDS = 100;
const WRITERS = 10;
const AT_A_TIME = 25;
const SLOWEST_MS = 60;

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** Each writer is a client of its own that knows nothing of the others, as in jobs of different machines. */
function client({ host }: MemoryRegistry) {
  return new Registries({ credentials: noCredentials }).repository({ registry: host, repository: 'acme/app' }, 'push');
}

async function round(registry: MemoryRegistry, number: number): Promise<readonly string[]> {
  const image = manifestOf(`image ${number}`);
  store(registry, [image]);
  const subject = descriptorOf(image);
  await Promise.all(
    Array.from({ length: WRITERS }, (_unused, writer) => {
      const blobs = [{ mediaType: BUNDLE, bytes: Buffer.from(`${number} ${writer}`) }];
      return attachReferrers(client(registry), subject, [
        { artifactType: BUNDLE, annotations: { writer: String(writer) }, blobs },
      ]);
    }),
  );
  const found = await client(registry).referrers(subject.digest);
  return found.map(({ annotations }) => annotations?.['writer'] ?? '').toSorted();
}

it(`loses nothing in ${ROUNDS} rounds of ${WRITERS} writers at one fallback tag`, async () => {
  await using registry = await startMemoryRegistry({ referrersApi: false });
  registry.onRequest = async () => {
    await delay(Math.random() * SLOWEST_MS);
    return undefined;
  };
  const all = Array.from({ length: WRITERS }, (_unused, writer) => String(writer));
  for (let first = 0; first < ROUNDS; first += AT_A_TIME) {
    const rounds = Array.from({ length: AT_A_TIME }, (_unused, offset) => round(registry, first + offset));
    for (const found of await Promise.all(rounds)) expect(found).toEqual(all);
  }
});
