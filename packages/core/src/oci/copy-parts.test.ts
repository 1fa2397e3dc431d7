import { blobOf, connect, emptyBlob, indexOf, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { expect, test } from 'vitest';
import type { ManifestBlob } from './content.ts';
import { partsOf } from './copy-parts.ts';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { readGraph } from './graph.ts';
import { descriptorOf } from './manifest.ts';
import { OCI_INDEX } from './media-types.ts';

const blobs = ['shared', 'of amd64', 'of arm64', 'attestation', 'signature'].map((text) => blobOf(text).descriptor);
const [shared, ofAmd, ofArm, attestation, signature] = blobs as [
  Descriptor,
  Descriptor,
  Descriptor,
  Descriptor,
  Descriptor,
];

function indexWith(entries: readonly object[]): ManifestBlob {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries }));
  return { mediaType: OCI_INDEX, digest: digestOf(bytes), bytes };
}

test('a blob is part of the first platform that has it, or of the evidence', async () => {
  await using registry = await startMemoryRegistry();
  const [amd, arm, about] = [
    manifestOf('amd64', { layers: [shared, ofAmd] }),
    manifestOf('arm64', { layers: [shared, ofArm] }),
    manifestOf('attested', { layers: [attestation] }),
  ];
  const inner = indexWith([{ ...descriptorOf(arm), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }]);
  const outer = indexWith([
    { ...descriptorOf(amd), platform: { os: 'linux', architecture: 'amd64' } },
    { ...descriptorOf(about), platform: { os: 'unknown', architecture: 'unknown' } },
    descriptorOf(inner),
  ]);
  const signed = manifestOf('signature', { layers: [signature], subject: outer.digest });
  store(registry, [amd, arm, about, inner, outer, signed]);
  const graph = await readGraph(connect(registry).repository, descriptorOf(outer), { referrers: true });
  expect(Object.fromEntries(partsOf(graph))).toEqual({
    [emptyBlob.descriptor.digest]: 'linux/amd64',
    [shared.digest]: 'linux/amd64',
    [ofAmd.digest]: 'linux/amd64',
    [ofArm.digest]: 'linux/arm64/v8',
    [attestation.digest]: 'evidence',
    [signature.digest]: 'evidence',
  });
});

test('an image of one platform has no parts', async () => {
  await using registry = await startMemoryRegistry();
  const image = manifestOf('one', { layers: [shared] });
  store(registry, [image, indexOf()]);
  const graph = await readGraph(connect(registry).repository, descriptorOf(image), { referrers: true });
  expect(partsOf(graph).size).toBe(0);
});
