import type { Blob } from './blob.ts';
import type { ImageContent } from './image.ts';

/** A repository of a registry that takes anybody's pushes over plain HTTP. */
export interface OpenRepository {
  readonly host: string;
  readonly repository: string;
}

/** Pushes an image and tags its root. */
export async function pushImage(target: OpenRepository, content: ImageContent, tag: string): Promise<void> {
  await Promise.all(content.blobs.map((blob) => pushBlob(target, blob)));
  for (const manifest of content.manifests) {
    const reference = manifest === content.root ? tag : manifest.digest;
    await put(`${base(target)}/manifests/${reference}`, manifest);
  }
}

/** Monolithic upload (distribution specification, "Pushing blobs", POST then PUT). */
async function pushBlob(target: OpenRepository, blob: Blob): Promise<void> {
  const there = await fetch(`${base(target)}/blobs/${blob.digest}`, { method: 'HEAD' });
  if (there.ok) return;
  const session = await fetch(`${base(target)}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(session.headers.get('location') ?? '', session.url);
  location.searchParams.set('digest', blob.digest);
  await put(location.href, { ...blob, mediaType: 'application/octet-stream' });
}

async function put(url: string, { mediaType, bytes }: Blob): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: new Uint8Array(bytes),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

function base({ host, repository }: OpenRepository): string {
  return `http://${host}/v2/${repository}`;
}
