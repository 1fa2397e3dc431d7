// Runs a program under Node 24, the version the runner uses, whatever `node` is on PATH.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** The Node 24 executable: this one when it is new enough, else the one npm installed. */
export function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const installed = path.join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(installed)) return installed;
  throw new Error(`Node 24 is needed and this is ${process.version}: run "npm ci" or install Node 24`);
}

if (process.argv[1] === import.meta.filename) {
  const child = spawn(node24(), ['--conditions=source', ...process.argv.slice(2)], { stdio: 'inherit', cwd: root });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}
