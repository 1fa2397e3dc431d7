/** What one end of a copy holds: every manifest and blob that can be reached, found without any of our own code. */
export interface Walked {
  readonly manifests: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
}

interface Document {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Follows children, and referrers by the API and by the fallback tag, from a digest on; each blob is asked for. */
export async function walk(base: string, root: string): Promise<Walked> {
  const manifests = new Set<string>();
  const blobs = new Set<string>();
  const due = [root];
  for (let digest = due.pop(); digest !== undefined; digest = due.pop()) {
    if (manifests.has(digest)) continue;
    const document = await manifestAt(base, digest);
    if (document === undefined) continue;
    manifests.add(digest);
    for (const { digest: child } of document.manifests ?? []) due.push(child);
    due.push(...(await referrersOf(base, digest)));
    for (const { digest: blob } of [document.config, ...(document.layers ?? [])].filter((part) => part !== undefined)) {
      const { status } = await fetch(`${base}/blobs/${blob}`, { method: 'HEAD' });
      if (status === 200) blobs.add(blob);
    }
  }
  return { manifests, blobs };
}

/** Everything of the first that the second lacks. */
export function lacks(source: Walked, destination: Walked): readonly string[] {
  return [
    ...[...source.manifests].filter((digest) => !destination.manifests.has(digest)),
    ...[...source.blobs].filter((digest) => !destination.blobs.has(digest)),
  ];
}

async function manifestAt(base: string, reference: string): Promise<Document | undefined> {
  const response = await fetch(`${base}/manifests/${reference}`, { headers: { accept: ACCEPT } });
  if (response.ok) return (await response.json()) as Document;
  await response.body?.cancel();
  return undefined;
}

async function referrersOf(base: string, digest: string): Promise<readonly string[]> {
  const response = await fetch(`${base}/referrers/${digest}`);
  const listed = response.ok ? ((await response.json()) as Document) : undefined;
  if (!response.ok) await response.body?.cancel();
  const fallback = await manifestAt(base, digest.replace(':', '-'));
  const entries = [...(listed?.manifests ?? []), ...(fallback?.manifests ?? [])].map((entry) => entry.digest);
  const about = await Promise.all(entries.map(async (entry) => (await manifestAt(base, entry))?.subject?.digest));
  return entries.filter((_entry, index) => about[index] === digest);
}
