/** A request of the distribution specification, by what it is about. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'tags' | 'uploads'; readonly name: string }
  | { readonly kind: 'manifest' | 'blob' | 'referrers'; readonly name: string; readonly reference: string }
  | { readonly kind: 'unknown' };

const NAME = '[a-z0-9]+(?:[._/-]+[a-z0-9]+)*';
const MANIFEST = new RegExp(`^/v2/(${NAME})/manifests/([^/]+)$`);
const BLOB = new RegExp(`^/v2/(${NAME})/blobs/([^/]+)$`);
const UPLOADS = new RegExp(`^/v2/(${NAME})/blobs/uploads/`);
const TAGS = new RegExp(`^/v2/(${NAME})/tags/list$`);
const REFERRERS = new RegExp(`^/v2/(${NAME})/referrers/([^/]+)$`);

/** Reads a path, without query, of the `/v2/` API. */
export function parseRoute(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  const uploads = UPLOADS.exec(path);
  if (uploads !== null) return { kind: 'uploads', name: uploads[1] ?? '' };
  const tags = TAGS.exec(path);
  if (tags !== null) return { kind: 'tags', name: tags[1] ?? '' };
  for (const [kind, pattern] of REFERENCED) {
    const match = pattern.exec(path);
    if (match !== null) return { kind, name: match[1] ?? '', reference: decodeURIComponent(match[2] ?? '') };
  }
  return { kind: 'unknown' };
}

const REFERENCED = [
  ['manifest', MANIFEST],
  ['blob', BLOB],
  ['referrers', REFERRERS],
] as const;
