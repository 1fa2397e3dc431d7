import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Tree, type WrittenLayout, writeImageLayout } from '../layout/image-layout.ts';
import type { Advisory } from '../world/databases/advisory.ts';

/** What there is to find in {@link ScanSubjects}. */
export const SCAN_ADVISORIES: readonly Advisory[] = [
  {
    id: 'CVE-2026-70001',
    title: 'musl reads out of bounds',
    severity: 'HIGH',
    affected: [{ os: 'alpine', release: '3.20', package: 'musl', fixed: '1.2.5-r5' }],
  },
  {
    id: 'CVE-2026-70002',
    title: 'left-bad pollutes prototypes',
    severity: 'CRITICAL',
    affected: [{ ecosystem: 'npm', package: 'left-bad', fixed: '1.0.1' }],
  },
];

const KEY_KIND = ['RSA', 'PRIVATE', 'KEY'].join(' '); // whole, it would be found in this file
const KEY_BODY = 'MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF0K5T5mZ7Gf3JtQe8q1hYkq0lq2b';

/** A line of {@link PRIVATE_KEY} that must not be seen in any output. */
export const KEY_LINE = KEY_BODY.slice(0, 24);
/** What scanners take for a private key. It opens nothing. */
export const PRIVATE_KEY = [`-----BEGIN ${KEY_KIND}-----`, KEY_BODY, KEY_BODY, `-----END ${KEY_KIND}-----`, ''].join(
  '\n',
);

/** A root file system of Alpine 3.20 with one package; from musl 1.2.5-r5 on it is a good one. */
export function alpineTree(musl: string): Tree {
  return {
    'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.1\nNAME="Alpine Linux"\n',
    'etc/alpine-release': '3.20.1\n',
    'lib/apk/db/installed': `C:Q1\nP:musl\nV:${musl}\nA:x86_64\nS:1\nI:1\nT:libc\nU:x\nL:MIT\no:musl\nm:x\n\n`,
  };
}

/** A `package-lock.json` with left-bad; from 1.0.1 on it is a good one. */
export function packageLock(version: string): string {
  const root = { name: 'app', version: '1.0.0', dependencies: { 'left-bad': version } };
  const packages = { '': root, 'node_modules/left-bad': { version, integrity: 'sha512-x' } };
  return JSON.stringify({ name: 'app', version: '1.0.0', lockfileVersion: 3, packages });
}

/** Makes images and source trees to scan below a directory. */
export class ScanSubjects {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** An image for amd64 and arm64 of these layers. */
  image(...layers: readonly Tree[]): Promise<WrittenLayout> {
    const platforms = ['amd64', 'arm64'];
    return writeImageLayout(
      this.#folder('image'),
      platforms.map((architecture) => ({ architecture, layers: [...layers, { 'arch.txt': architecture }] })),
    );
  }

  /** Nothing to find. */
  safeImage(): Promise<WrittenLayout> {
    return this.image(alpineTree('1.2.5-r5'));
  }

  /** Both vulnerable packages, and a key that the next layer deletes. */
  unsafeImage(): Promise<WrittenLayout> {
    const module = { 'app/node_modules/left-bad/package.json': '{"name":"left-bad","version":"1.0.0"}' };
    const key = { 'app/key.pem': PRIVATE_KEY };
    return this.image({ ...alpineTree('1.2.5-r0'), ...key }, { 'app/.wh.key.pem': '', ...module });
  }

  /** @returns the directory */
  source(tree: Tree): string {
    const directory = this.#folder('source');
    for (const [name, content] of Object.entries(tree)) {
      mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
      writeFileSync(path.join(directory, name), content);
    }
    return directory;
  }

  /** A shell script that stands in for a tool; it may be asked for its version first. */
  tool(version: string, script: string): string {
    const file = path.join(this.#folder('tool'), 'tool');
    const lines = ['#!/bin/sh', `case "$*" in --version) echo 'Version: ${version}'; exit 0;; esac`, script, ''];
    writeFileSync(file, lines.join('\n'), { mode: 0o755 });
    return file;
  }

  #folder(kind: string): string {
    return mkdtempSync(path.join(this.#directory, `${kind}-`));
  }
}
