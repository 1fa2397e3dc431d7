import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureTools } from './ensure-tools.ts';
import { RELEASES, type ToolRelease } from './releases.ts';
import { goRecipe } from './recipes.ts';

const program = '#!/bin/sh\necho 0.22.1\n';
const written: string[] = [];
const progress = { write: (text: string) => written.push(text) };

let dir: string;
let server: Server;
beforeEach(async () => {
  written.length = 0;
  dir = await mkdtemp(path.join(tmpdir(), 'releases-'));
  server = createServer((request, response) => {
    response.writeHead(request.url === '/crane' ? 200 : 404).end(request.method === 'HEAD' ? undefined : program);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

function ensure(name: string, sha256 = createHash('sha256').update(program).digest('hex')) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  const releases: ToolRelease[] = [{ tool: 'crane', os: process.platform, arch: process.arch, url, sha256 }];
  // Without a Go on PATH, compiling can only fail.
  return ensureTools(['crane'], { env: { PATH: dir, XDG_CACHE_HOME: dir }, progress, releases });
}

describe('ensureTools with releases', () => {
  it('downloads what it can reach instead of compiling it', async () => {
    const { crane } = await ensure('crane');
    expect(await readFile(crane, 'utf8')).toBe(program);
    expect(written.join('')).toBe('[ 1/1] crane 0.22.1  downloading…\n[ 1/1] crane 0.22.1  downloaded in 0 s\n');
  });

  it('compiles what it cannot reach', async () => {
    await expect(ensure('absent')).rejects.toMatchObject({ code: 'tool-missing' });
    expect(written.join('')).toContain('building…');
  });

  it('neither keeps a wrong file nor compiles in its place', async () => {
    await expect(ensure('crane', '0'.repeat(64))).rejects.toMatchObject({ code: 'tool-hash-mismatch' });
    expect(written.join('')).not.toContain('building');
  });
});

describe('the releases', () => {
  it('are of the versions that would be compiled', () => {
    for (const { tool, url } of RELEASES) expect(url).toContain(`/${goRecipe(tool).version}/`);
  });
});
