import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { extract } from 'tar-stream';
import type { TarEntry } from '../image/tar.ts';

const execute = promisify(execFile);

/** A Debian package, unpacked in memory. */
export interface Package {
  readonly name: string;
  /** Its stanza of the control file, without a trailing line break. */
  readonly control: string;
  readonly entries: readonly TarEntry[];
}

/** Reads a `.deb` with dpkg-deb. */
export async function readPackage(file: string): Promise<Package> {
  const { stdout } = await execute('dpkg-deb', ['--field', file]);
  const control = stdout.trimEnd();
  const name = /^Package: (.+)$/m.exec(control)?.[1];
  if (name === undefined) throw new Error(`${file} has no package name`);
  return { name, control, entries: await readEntries(file) };
}

async function readEntries(file: string): Promise<TarEntry[]> {
  const child = spawn('dpkg-deb', ['--fsys-tarfile', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const entries: TarEntry[] = [];
  for await (const entry of child.stdout.pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { header } = entry;
    entries.push(header.type === 'file' ? { header, content: Buffer.concat(chunks) } : { header });
  }
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`dpkg-deb ended with ${code} on ${file}`);
  return entries;
}
