import { existsSync } from 'node:fs';
import path from 'node:path';

/** The Node 24 that runs actions: this process when it is one, else the one npm installed. */
export function nodeForActions(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const installed = path.resolve(import.meta.dirname, '../../../../node_modules', name, 'bin/node');
  if (existsSync(installed)) return installed;
  throw new Error(`actions run under Node 24 and this is ${process.version}: run "npm ci"`);
}
