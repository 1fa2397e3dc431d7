import { randomBytes } from 'node:crypto';
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

describe('an image that is most likely new', () => {
  /** Larger than what is sent without asking. */
  const [base, program] = [randomBytes(600_000), randomBytes(600_000)];
  const registry = directRegistry();
  const registries = new Registries({ credentials: noCredentials, http: registry.http, clock: new QuickClock() });
  const publishAs = async (layers: readonly Readonly<Record<string, Buffer>>[]) => {
    await writeImageLayout(directory, [{ architecture: 'amd64', layers }]);
    const repository = registries.repository({ registry: 'registry.test', repository: 'acme/app' }, 'push');
    registry.requests.length = 0;
    await publish({ content: await openLayout(directory), repository, isNew: true });
    return registry.requests.map(({ method, kind }) => `${method} ${kind}`);
  };

  it('has its uploads opened while the registry is asked what it has', async () => {
    const lines = await publishAs([{ base }]);
    const count = (line: string) => lines.filter((each) => each === line).length;
    expect([count('POST upload'), count('PUT upload'), count('DELETE upload')]).toEqual([4, 4, 0]);
    expect(lines.lastIndexOf('POST upload')).toBeLessThan(lines.indexOf('PUT upload'));
  });

  it('drops the uploads of what turns out to be there', async () => {
    const lines = await publishAs([{ base }, { program }]);
    const count = (line: string) => lines.filter((each) => each === line).length;
    expect([count('POST upload'), count('PUT upload'), count('DELETE upload')]).toEqual([5, 4, 1]);
  });

  it('leaves no upload open when the registry does not say what it has', async () => {
    registry.onRequest = ({ method, kind }) =>
      method === 'HEAD' && kind === 'blob' ? { status: 403, headers: {}, body: '{}' } : undefined;
    const refused = publishAs([{ program: randomBytes(600_000) }]);
    await expect(refused).rejects.toMatchObject({ code: 'registry-denied' });
    registry.onRequest = () => undefined;
    const lines = registry.requests.map(({ method, kind }) => `${method} ${kind}`);
    expect(lines.filter((each) => each === 'DELETE upload')).toHaveLength(4);
    expect(lines).not.toContain('PUT upload');
  });
});
