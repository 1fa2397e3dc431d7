import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onDisk, type TreeFile, walk } from './tree-walk.ts';

/**
 * Trivy obeys comments in the scanned files that switch its misconfiguration checks off, and has no option against
 * that. `tfsec:` is the older spelling for Terraform. The sections of one may stand in any order
 * (`trivy:exp:2099-01-01:ignore:DS-0002`), so every such word that names `ignore` is one (pkg/iac/ignore/parse.go).
 */
const MARKERS: readonly Buffer[] = ['trivy:', 'tfsec:'].map((marker) => Buffer.from(marker));
const MARKER = /\b(trivy|tfsec):/g;
const WORD = /[^ \n]+/g;
const LONGEST_MARKER = 6;
const CONFIGURATION =
  /(^|[./-])(dockerfile|containerfile)\b|\.(tf|tofu|hcl|tfvars|ya?ml|json|tpl|toml|template|bicep)$/i;
/** Bytes. A larger file cannot be rewritten in memory; no configuration comes near. */
const LARGEST = 256 * 1024 * 1024;

/** Files with such comments. */
export interface InlineIgnores {
  /** Relative to the directory, with forward slashes. */
  readonly marked: readonly string[];
  /** Of them, those that are too large to make a copy without the comments. */
  readonly tooLarge: readonly string[];
  /** Files and directories that may not be read. */
  readonly closed: readonly string[];
}

export async function findInlineIgnores(directory: string): Promise<InlineIgnores> {
  const found = { marked: [] as string[], tooLarge: [] as string[], closed: [] as string[] };
  for await (const file of walk(directory, (closed) => found.closed.push(closed))) {
    if (!CONFIGURATION.test(file.path)) continue;
    const place = onDisk(directory, file.raw);
    const verdict = await marksOf(place).catch(unlessClosed);
    if (verdict === undefined) found.closed.push(file.path);
    if (verdict !== true) continue;
    if ((await stat(place)).size > LARGEST) found.tooLarge.push(file.path);
    else if (disarmed(await readFile(place, 'latin1')).changed) found.marked.push(file.path);
  }
  return found;
}

/** Whether a marker can be in it at all; the whole file is read, of whatever size. */
async function marksOf(file: Buffer): Promise<boolean> {
  let before: Uint8Array = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const window = Buffer.concat([before, chunk]);
    if (MARKERS.some((marker) => window.includes(marker))) return true;
    before = window.subarray(Math.max(0, window.length - LONGEST_MARKER));
  }
  return false;
}

function unlessClosed(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
}

/**
 * The same tree with those comments made powerless, so that nothing in the tree being judged can
 * loosen its own gate. Line and column of everything else stay as they are.
 */
export async function copyWithoutIgnores(directory: string, marked: readonly string[], copy: string): Promise<void> {
  await mkdir(copy, { recursive: true });
  for await (const file of walk(directory)) {
    await mkdir(path.posix.dirname(file.path) === '.' ? copy : parentOf(onDisk(copy, file.raw)), { recursive: true });
    if (marked.includes(file.path)) await disarm(directory, file, copy);
    else await linkOrCopy(onDisk(directory, file.raw), onDisk(copy, file.raw));
  }
}

function parentOf(file: Buffer): Buffer {
  return file.subarray(0, file.lastIndexOf('/'));
}

async function disarm(directory: string, { raw }: TreeFile, copy: string): Promise<void> {
  const text = await readFile(onDisk(directory, raw), 'latin1');
  await writeFile(onDisk(copy, raw), disarmed(text).text, 'latin1');
}

/** Word by word, as trivy reads them, so that the time it takes is that of the text's length. */
function disarmed(text: string): { readonly text: string; readonly changed: boolean } {
  const without = text.replaceAll(WORD, (word) => (word.includes('ignore') ? word.replaceAll(MARKER, '$1_') : word));
  return { text: without, changed: without !== text };
}

/** A link costs nothing; between two file systems it takes a copy. */
async function linkOrCopy(from: Buffer, to: Buffer): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
