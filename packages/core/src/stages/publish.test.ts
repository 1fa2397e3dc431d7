import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { directRegistry } from '@plimsoll/testkit/promote/direct-http';
import { QuickClock } from '@plimsoll/testkit/registry/fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachmentDigest } from '../oci/attached-content.ts';
import { noCredentials } from '../oci/auth/credentials.ts';
import { openLayout } from '../oci/layout.ts';
import { Registries } from '../oci/registry/registries.ts';
import { publish } from './publish.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-publish-'));
});
afterEach(() => rm(directory, { recursive: true }));

const note = {
  artifactType: 'text/note',
  annotations: {},
  blobs: [{ mediaType: 'text/plain', bytes: Buffer.from('x') }],
};

describe.each([true, false])('what hangs on an image, in a registry whose referrers API is %s', (referrersApi) => {
  it('is found under the image and its platforms, and is sent once', async () => {
    const image = { architecture: 'amd64', layers: [{ 'app/hello': 'hello' }] };
    await writeImageLayout(directory, [image]);
    const content = await openLayout(directory);
    const registry = directRegistry({ referrersApi });
    const registries = new Registries({ credentials: noCredentials, http: registry.http, clock: new QuickClock() });
    const at = () => registries.repository({ registry: 'registry.test', repository: 'acme/app' }, 'push');
    const attachment = { subject: content.root, referrer: note };
    await publish({ content, repository: at(), attachments: [attachment] });
    const found = await at().referrers(content.root.digest);
    expect(found.map(({ digest }) => digest)).toEqual([attachmentDigest(attachment)]);
    const stored = registry.repository('acme/app').manifests.size;
    const again = await publish({ content, repository: at(), attachments: [attachment] });
    expect(again).toMatchObject({ manifests: 0, blobs: 0, bytesMoved: 0 });
    expect(registry.repository('acme/app').manifests.size).toBe(stored);
  });

  it('is whole also where an image that was taken for new is there already', async () => {
    await writeImageLayout(directory, [{ architecture: 'amd64', layers: [{ 'app/hello': 'hello' }] }]);
    const content = await openLayout(directory);
    const registry = directRegistry({ referrersApi });
    const registries = new Registries({ credentials: noCredentials, http: registry.http, clock: new QuickClock() });
    const repository = () => registries.repository({ registry: 'registry.test', repository: 'acme/app' }, 'push');
    const attachment = { subject: content.root, referrer: note };
    await publish({ content, repository: repository(), attachments: [attachment] });
    const stored = registry.repository('acme/app').manifests.size;
    await publish({ content, repository: repository(), attachments: [attachment], isNew: true });
    expect(registry.repository('acme/app').manifests.size).toBe(stored);
    const found = await repository().referrers(content.root.digest);
    expect(found.map(({ digest }) => digest)).toEqual([attachmentDigest(attachment)]);
  });
});
