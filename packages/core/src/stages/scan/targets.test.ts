import { expect, test } from 'vitest';
import type { ContentSource, ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { descriptorOf } from '../../oci/manifest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import { findTargets } from './targets.ts';

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const IN_TOTO = 'application/vnd.in-toto+json';
const attestation = {
  'vnd.docker.reference.type': 'attestation-manifest',
  'vnd.docker.reference.digest': `sha256:${'a'.repeat(64)}`,
};
const amd64 = { os: 'linux', architecture: 'amd64' };
const blobs = new Map<string, Buffer>();

function blob(mediaType: string, content: unknown): ManifestBlob {
  const bytes = Buffer.from(JSON.stringify(content));
  blobs.set(digestOf(bytes), bytes);
  return { mediaType, digest: digestOf(bytes), bytes };
}

function image(layerType: string, name: string): ManifestBlob {
  const config = descriptorOf(blob(OCI_CONFIG, { ...amd64, name }));
  const layers = [descriptorOf(blob(layerType, name))];
  return blob(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
}

function index(manifests: readonly Descriptor[]): ManifestBlob {
  return blob(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests });
}

const source = {
  label: 'memory',
  manifest: async (digest: string) => {
    const bytes = blobs.get(digest) ?? Buffer.alloc(0);
    return { mediaType: (JSON.parse(bytes.toString()) as { mediaType: string }).mediaType, digest, bytes };
  },
  blob: async ({ digest }: Descriptor) =>
    (async function* () {
      yield blobs.get(digest) ?? Buffer.alloc(0);
    })(),
} as unknown as ContentSource;

async function platformsIn(manifests: readonly Descriptor[]): Promise<string[]> {
  const targets = await findTargets(source, index(manifests).digest);
  return targets.map(({ platform }) => platform);
}

test('an attestation manifest of in-toto statements is no platform', async () => {
  const real = { ...descriptorOf(image(LAYER, 'real')), platform: amd64 };
  const unknown = { os: 'unknown', architecture: 'unknown' };
  const statement = { ...descriptorOf(image(IN_TOTO, 'statement')), platform: unknown, annotations: attestation };
  expect(await platformsIn([real, statement])).toEqual(['linux/amd64']);
});

test('an image that is only called an attestation is scanned', async () => {
  const disguised = { ...descriptorOf(image(LAYER, 'disguised')), platform: amd64, annotations: attestation };
  expect(await platformsIn([disguised])).toEqual(['linux/amd64']);
});

test('an image of an unknown platform is scanned', async () => {
  const odd = { ...descriptorOf(image(LAYER, 'odd')), platform: { os: 'unknown', architecture: 'unknown' } };
  expect(await platformsIn([odd])).toEqual(['unknown/unknown']);
});

test('two images of one platform have names of their own; the same image twice is one', async () => {
  const one = { ...descriptorOf(image(LAYER, 'one')), platform: amd64 };
  const two = { ...descriptorOf(image(LAYER, 'two')), platform: amd64 };
  expect(await platformsIn([one, two, one])).toEqual(['linux/amd64', `linux/amd64@${two.digest.slice(7, 19)}`]);
});

test('images behind a nested index are found, and one without a platform says it in its config', async () => {
  const plain = descriptorOf(image(LAYER, 'plain'));
  expect(await platformsIn([descriptorOf(index([plain]))])).toEqual(['linux/amd64']);
  expect(await findTargets(source, plain.digest)).toHaveLength(1);
});

test('an index nested without end is refused', async () => {
  let nested = index([]);
  for (let depth = 0; depth < 6; depth += 1) nested = index([descriptorOf(nested)]);
  await expect(findTargets(source, nested.digest)).rejects.toMatchObject({ code: 'manifest-invalid' });
});
