import { chmod, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { isFailure } from '@plimsoll/core/runtime/errors';
import { createHttp, type Http } from '@plimsoll/core/runtime/http';
import { unpackMembers } from '@plimsoll/core/tools/archive';
import { CATALOG } from '@plimsoll/core/tools/catalog';
import { downloadVerified } from '@plimsoll/core/tools/download';
import type { GoTool } from './recipes.ts';

/** A published build of a tool with its confirmed hash, as in the catalog of the actions. */
export interface ToolRelease {
  readonly tool: GoTool;
  readonly os: string;
  readonly arch: string;
  readonly url: string;
  readonly sha256: string;
  readonly archiveMember?: string;
}

const syft = 'https://github.com/anchore/syft/releases/download/v1.52.0';
const crane = 'https://github.com/google/go-containerregistry/releases/download/v0.22.1';

/** What the actions use, and what only tests need. */
export const RELEASES: readonly ToolRelease[] = [
  ...CATALOG,
  {
    tool: 'syft',
    os: 'linux',
    arch: 'x64',
    url: `${syft}/syft_1.52.0_linux_amd64.tar.gz`,
    sha256: 'caeedb81fb0491615f1ebd1761e4145d41ee86dd2cc7bf80669f9f5ad9d6133d',
    archiveMember: 'syft',
  },
  {
    tool: 'syft',
    os: 'linux',
    arch: 'arm64',
    url: `${syft}/syft_1.52.0_linux_arm64.tar.gz`,
    sha256: 'c46d5e4c28e12aa4c5becfaa343ef1c7f89045b6b895f2c21d471c62db09c706',
    archiveMember: 'syft',
  },
  {
    tool: 'crane',
    os: 'linux',
    arch: 'x64',
    url: `${crane}/go-containerregistry_Linux_x86_64.tar.gz`,
    sha256: '0ab7a1d6932a213aed964ce97666c3077fe691c8606413674a8b3e0b9ec4cda0',
    archiveMember: 'crane',
  },
  {
    tool: 'crane',
    os: 'linux',
    arch: 'arm64',
    url: `${crane}/go-containerregistry_Linux_arm64.tar.gz`,
    sha256: '898c0cff975f898a33e8c4580bdafb0e7c02c7faa33374e946762f97c4ab7110',
    archiveMember: 'crane',
  },
];

/** Long enough for a handshake through a slow proxy, short enough to wait for in vain. */
const PROBE_MS = 5_000;
const LARGEST_TOOL = 1024 * 1024 * 1024;

export interface ReleaseFetch {
  readonly tool: GoTool;
  /** Where the program goes. */
  readonly output: string;
  readonly http: Http;
  readonly signal?: AbortSignal | undefined;
  /** Called when there is something to download. */
  readonly onDownload?: () => void;
  readonly releases?: readonly ToolRelease[] | undefined;
}

/**
 * Downloads the release of a tool, which is minutes faster than compiling it.
 *
 * @returns false when there is no release for this platform or it cannot be reached
 * @throws PlimsollError `tool-hash-mismatch`, `disk-full`, `cancelled`
 */
export async function fetchRelease(fetch: ReleaseFetch): Promise<boolean> {
  const { tool, output, http, signal, releases = RELEASES } = fetch;
  const here = (row: ToolRelease) => row.tool === tool && row.os === process.platform && row.arch === process.arch;
  const release = releases.find(here);
  if (release === undefined || !(await isReachable(release, http, signal))) return false;
  fetch.onDownload?.();
  const { url, sha256, archiveMember } = release;
  const asset = archiveMember === undefined ? output : `${output}.tar.gz`;
  try {
    await downloadVerified({ url, sha256, destination: asset, label: tool, http, signal });
  } catch (error) {
    if (isFailure(error, 'tool-download-failed')) return false;
    throw error;
  }
  if (archiveMember !== undefined) await unpack(asset, archiveMember, output);
  await chmod(output, 0o755);
  return true;
}

async function unpack(asset: string, member: string, output: string): Promise<void> {
  const source = createReadStream(asset);
  const members = new Map([[member, output]]);
  await unpackMembers({ source, label: path.basename(asset), members, maxBytes: LARGEST_TOOL });
  await rm(asset);
}

async function isReachable({ url }: ToolRelease, http: Http, signal: AbortSignal | undefined): Promise<boolean> {
  const timeout = AbortSignal.timeout(PROBE_MS);
  try {
    const request = { url: new URL(url), method: 'HEAD', redirect: 'follow' } as const;
    const response = await http.request({
      ...request,
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    await response.discard();
    return response.status === 200;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

/** Honours the proxy variables, as Go does for what is compiled. */
export function releaseHttp(env: NodeJS.ProcessEnv): Http & AsyncDisposable {
  const pick = (name: string) => env[name] ?? env[name.toLowerCase()];
  const [http, https, exceptFor] = [pick('HTTP_PROXY'), pick('HTTPS_PROXY'), pick('NO_PROXY')];
  const proxy = {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    ...(exceptFor === undefined ? {} : { exceptFor }),
  };
  return createHttp({ proxy });
}
