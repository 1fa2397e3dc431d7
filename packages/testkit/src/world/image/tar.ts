import { type Header, pack } from 'tar-stream';

/** A header as far as it is given; the archive fills in the rest. */
export type TarHeader = Partial<Header> & Pick<Header, 'name'>;

/** A file, directory or link of an archive. */
export interface TarEntry {
  readonly header: TarHeader;
  readonly content?: Buffer;
}

/** The same for every entry, so that archives depend on nothing but their content. */
const MODIFIED = new Date('2026-01-01T00:00:00Z');

/** An uncompressed archive, everything owned by root. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { header, content } of entries) {
    const owned = { ...header, uid: 0, gid: 0, uname: 'root', gname: 'root', mtime: MODIFIED };
    if (content === undefined) archive.entry(owned);
    else archive.entry({ ...owned, size: content.length }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A plain file; `mode` in octal, 0644 unless given. */
export function tarFile(name: string, content: Buffer | string, mode = 0o644): TarEntry {
  return { header: { name, mode, type: 'file' }, content: Buffer.from(content) };
}

export function tarFolder(name: string, mode = 0o755): TarEntry {
  return { header: { name: `${name}/`, mode, type: 'directory' } };
}

export function tarLink(name: string, target: string): TarEntry {
  return { header: { name, mode: 0o777, type: 'symlink', linkname: target } };
}
