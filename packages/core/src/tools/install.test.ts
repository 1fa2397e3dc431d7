import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import type { PlimsollError } from '../runtime/errors.ts';
import { createHttp } from '../runtime/http.ts';
import { silentLog } from '../runtime/log.ts';
import { CATALOG, findRelease, type Release, toolOverrides } from './catalog.ts';
import { type InstallOptions, resolveTool } from './install.ts';
import { createToolbox } from './toolbox.ts';

const program = Buffer.from('#!/bin/sh\necho cosign v9.8.7\n');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const instantly: Clock = { now: () => new Date(), sleep: async () => {} };

let dir: string;
let server: Server;
let requests: string[];
let answer: RequestListener;
let http: ReturnType<typeof createHttp>;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'install-'));
  requests = [];
  answer = (_request, response) => response.end(program);
  http = createHttp();
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await http[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

const release = (over: Partial<Release> = {}): Release => ({
  tool: 'cosign',
  version: '9.8.7',
  os: 'linux',
  arch: 'x64',
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v9.8.7/cosign-linux-amd64`,
  sha256: sha256(program),
  ...over,
});
const options = (row: Release): InstallOptions => ({
  toolCacheDir: dir,
  log: silentLog,
  http,
  clock: instantly,
  host: { os: 'linux', arch: 'x64' },
  catalog: [row],
});
const home = () => path.join(dir, 'plimsoll', 'cosign', '9.8.7', 'linux-x64');

describe('resolveTool', () => {
  it('downloads, checks and makes executable', async () => {
    const tool = await resolveTool('cosign', options(release()));
    expect(tool).toEqual({ name: 'cosign', version: '9.8.7', path: path.join(home(), 'cosign-linux-amd64') });
    expect(await readFile(tool.path)).toEqual(program);
    expect((await stat(tool.path)).mode & 0o111).toBe(0o111);
  });

  it('takes it from the cache the second time', async () => {
    await resolveTool('cosign', options(release()));
    await resolveTool('cosign', options(release()));
    expect(requests).toEqual(['GET /v9.8.7/cosign-linux-amd64']);
  });

  it('refuses a wrong hash, names both and keeps nothing', async () => {
    const wanted = '0'.repeat(64);
    const error = await resolveTool('cosign', options(release({ sha256: wanted }))).catch(
      (e: unknown) => e as PlimsollError,
    );
    expect(error).toMatchObject({ code: 'tool-hash-mismatch' });
    expect((error as PlimsollError).message).toContain(wanted);
    expect((error as PlimsollError).message).toContain(sha256(program));
    expect(await readdir(home())).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  it('does not run what somebody changed in the cache', async () => {
    const tool = await resolveTool('cosign', options(release()));
    await writeFile(tool.path, 'changed');
    await resolveTool('cosign', options(release()));
    expect(await readFile(tool.path)).toEqual(program);
    expect(requests).toHaveLength(2);
  });

  it('tries again when the server or the connection breaks', async () => {
    const answers: RequestListener[] = [
      (_request, response) => response.writeHead(503).end(),
      (request) => request.socket.destroy(),
      (_request, response) => {
        response.writeHead(200, { 'content-length': program.length });
        response.write(program.subarray(0, 5), () => response.destroy());
      },
    ];
    answer = (request, response) => (answers.shift() ?? ((_q, s) => s.end(program)))(request, response);
    await resolveTool('cosign', options(release()));
    expect(requests).toHaveLength(4);
    expect(await readdir(home())).toEqual(['cosign-linux-amd64']);
  });

  it('does not try again what will stay forbidden or absent', async () => {
    answer = (_request, response) => response.writeHead(404).end('no such asset');
    await expect(resolveTool('cosign', options(release()))).rejects.toMatchObject({ code: 'tool-download-failed' });
    expect(requests).toHaveLength(1);
  });

  it('stops when the run is cancelled', async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    const cancelled = resolveTool('cosign', { ...options(release()), signal: controller.signal });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('unpacks an archive, from the cache too', async () => {
    const tar = pack();
    tar.entry({ name: 'README.md' }, 'read me');
    tar.entry({ name: 'cosign', mode: 0o755 }, program);
    tar.finalize();
    const archive = gzipSync(await buffer(tar));
    answer = (_request, response) => response.end(archive);
    const row = release({ sha256: sha256(archive), archiveMember: 'cosign', url: `${release().url}.tar.gz` });
    const tool = await resolveTool('cosign', options(row));
    await writeFile(tool.path, 'changed');
    expect(await resolveTool('cosign', options(row))).toEqual(tool);
    expect(await readFile(tool.path)).toEqual(program);
    expect((await readdir(home())).toSorted()).toEqual(['cosign', 'cosign-linux-amd64.tar.gz']);
    expect(requests).toHaveLength(1);
  });

  it('uses a given program and asks it for its version', async () => {
    const given = path.join(dir, 'mine');
    await writeFile(given, program);
    await expect(resolveTool('cosign', { ...options(release()), overridePath: given })).rejects.toMatchObject({
      code: 'tool-missing',
    });
    await chmod(given, 0o755);
    const tool = await resolveTool('cosign', { ...options(release()), overridePath: given });
    expect(tool).toEqual({ name: 'cosign', version: '9.8.7', path: given });
    expect(requests).toEqual([]);
  });
});

describe('createToolbox', () => {
  it('resolves a tool once, and again after a failure', async () => {
    let healthy = false;
    answer = (_request, response) => (healthy ? response.end(program) : response.writeHead(404).end());
    const toolbox = createToolbox(options(release()));
    await expect(toolbox.get('cosign')).rejects.toMatchObject({ code: 'tool-download-failed' });
    healthy = true;
    expect(await toolbox.get('cosign')).toBe(await toolbox.get('cosign'));
    expect(requests).toHaveLength(2);
  });
});

describe('the catalog', () => {
  it('refuses a platform without a confirmed hash', () => {
    expect(() => findRelease('buildx', { os: 'darwin', arch: 'arm64' })).toThrow(
      expect.objectContaining({ code: 'tool-unsupported', hint: expect.stringContaining('PLIMSOLL_TOOL_BUILDX') }),
    );
  });

  it('pins one version per tool, over https, with a whole SHA-256', () => {
    for (const row of CATALOG) {
      expect(row.url).toMatch(new RegExp(`^https://github\\.com/.*/v${row.version.replaceAll('.', '\\.')}/`));
      expect(row.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(new Set(CATALOG.map((row) => `${row.tool} ${row.version}`)).size).toBe(4);
    expect(new Set(CATALOG.map((row) => row.sha256)).size).toBe(CATALOG.length);
  });

  it('reads overrides and takes an empty one for none', () => {
    expect(toolOverrides({ PLIMSOLL_TOOL_OSV_SCANNER: '/x/osv', PLIMSOLL_TOOL_TRIVY: '' })).toEqual({
      'osv-scanner': '/x/osv',
    });
  });
});
