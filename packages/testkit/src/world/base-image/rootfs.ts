import { type TarEntry, tarFile, tarFolder, tarLink } from '../image/tar.ts';
import type { Package } from './package.ts';

/** Directories that are links into `usr` since Debian 12. */
const MERGED = ['bin', 'lib', 'lib64', 'sbin'] as const;
/** What a base image does without. */
const DROPPED = /^usr\/share\/(?:doc|doc-base|man|locale|lintian|bug|info)\/|\/gconv\//;
const APPLETS =
  'adduser awk basename cat chmod chown cp cut date dirname du echo env false find grep gunzip gzip head hostname id ln ls ' +
  'mkdir mktemp mv nproc od printf ps pwd readlink rm rmdir sed seq sh sha256sum sleep sort stat tail tar tee test touch ' +
  'tr true uname uniq vi wc wget which whoami xargs';

/** The file system of a base image out of unpacked packages, with the database that scanners read. */
export function rootfs(packages: readonly Package[]): TarEntry[] {
  const files = new Map<string, TarEntry>();
  for (const name of MERGED) {
    files.set(name, tarLink(name, `usr/${name}`));
    files.set(`usr/${name}`, tarFolder(`usr/${name}`));
  }
  for (const each of packages) {
    for (const entry of each.entries) place(files, entry);
  }
  for (const applet of APPLETS.split(' ')) put(files, tarLink(`usr/bin/${applet}`, 'busybox'));
  for (const entry of [...accounts(files), ...dpkgDatabase(packages)]) put(files, entry);
  return withParents(files);
}

function place(files: Map<string, TarEntry>, entry: TarEntry): void {
  const name = normal(entry.header.name);
  if (name === '' || DROPPED.test(`${name}/`) || (files.has(name) && entry.header.type === 'directory')) return;
  const header = { ...entry.header, name: entry.header.type === 'directory' ? `${name}/` : name };
  if (entry.header.type === 'link') header.linkname = normal(entry.header.linkname ?? '');
  files.set(name, { ...entry, header });
}

function put(files: Map<string, TarEntry>, entry: TarEntry): void {
  const name = normal(entry.header.name);
  if (!files.has(name)) files.set(name, entry);
}

/** `./bin/busybox` is `usr/bin/busybox`. */
function normal(name: string): string {
  const plain = name.replace(/^\.?\/+/, '').replace(/\/$/, '');
  const [first = '', ...rest] = plain.split('/');
  return rest.length > 0 && MERGED.some((merged) => merged === first) ? `usr/${plain}` : plain;
}

/** base-passwd installs its masters from a script that never ran here. */
function accounts(files: ReadonlyMap<string, TarEntry>): TarEntry[] {
  return ['passwd', 'group'].flatMap((name) => {
    const master = files.get(`usr/share/base-passwd/${name}.master`)?.content;
    return master === undefined ? [] : [tarFile(`etc/${name}`, master)];
  });
}

function dpkgDatabase(packages: readonly Package[]): TarEntry[] {
  const stanzas = packages.map(({ control }) => control.replace('\n', '\nStatus: install ok installed\n'));
  const lists = packages.map(({ name, control, entries }) => {
    const qualified = /^Multi-Arch: same$/m.test(control)
      ? `${name}:${/^Architecture: (.+)$/m.exec(control)?.[1] ?? ''}`
      : name;
    const paths = entries.map((entry) => `/${entry.header.name.replace(/^\.\//, '').replace(/\/$/, '') || '.'}`);
    return tarFile(`var/lib/dpkg/info/${qualified}.list`, `${paths.join('\n')}\n`);
  });
  return [tarFile('var/lib/dpkg/status', `${stanzas.join('\n\n')}\n`), ...lists];
}

/** In order of name, each directory before what is in it. */
function withParents(files: ReadonlyMap<string, TarEntry>): TarEntry[] {
  const all = new Map(files);
  for (const name of files.keys()) {
    const parts = name.split('/').slice(0, -1);
    parts.forEach((_part, depth) => {
      const parent = parts.slice(0, depth + 1).join('/');
      if (!all.has(parent)) all.set(parent, tarFolder(parent));
    });
  }
  const names = [...all.keys()].toSorted();
  // A hard link comes after what it points to.
  const rank = (name: string) => (all.get(name)?.header.type === 'link' ? 1 : 0);
  return names.toSorted((one, other) => rank(one) - rank(other)).flatMap((name) => all.get(name) ?? []);
}
