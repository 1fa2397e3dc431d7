import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import type { Http } from '../runtime/http.ts';
import type { Log } from '../runtime/log.ts';
import { unpackMembers } from './archive.ts';
import { CATALOG, findRelease, type HostPlatform, type Release, type ToolName } from './catalog.ts';
import { downloadVerified, hashFile } from './download.ts';
import { givenTool } from './given-tool.ts';

/** A program that may be run. */
export interface ToolBinary {
  readonly name: ToolName;
  /** Without a leading `v`. */
  readonly version: string;
  readonly path: string;
}

export interface InstallOptions {
  /** Kept between jobs on runners that keep it; nothing in it is trusted without its hash. */
  readonly toolCacheDir: string;
  readonly log: Log;
  readonly http: Http;
  /** A program to use instead of a release. Whoever sets it vouches for it. */
  readonly overridePath?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  readonly host?: HostPlatform | undefined;
  readonly catalog?: readonly Release[] | undefined;
}

const LARGEST_TOOL = 1024 * 1024 * 1024;

/**
 * Finds one tool: the given path, else the cache with its hash checked anew, else the release with its hash checked
 * before the file may be executed.
 *
 * @throws PlimsollError `tool-missing` (given path), `tool-unsupported`, `tool-download-failed`, `tool-hash-mismatch`,
 *   `disk-full`, `cancelled`
 */
export async function resolveTool(name: ToolName, options: InstallOptions): Promise<ToolBinary> {
  if (options.overridePath !== undefined) return givenTool(name, options.overridePath, options.signal);
  const host = options.host ?? { os: process.platform, arch: process.arch };
  const release = findRelease(name, host, options.catalog ?? CATALOG);
  const home = path.join(options.toolCacheDir, 'plimsoll', name, release.version, `${release.os}-${release.arch}`);
  const asset = path.join(home, path.posix.basename(new URL(release.url).pathname));
  await obtain(release, asset, options);
  return { name, version: release.version, path: await makeExecutable(release, asset) };
}

async function obtain(release: Release, asset: string, options: InstallOptions): Promise<void> {
  const { tool, version, url, sha256 } = release;
  const label = `${tool} ${version}`;
  const cached = await hashFile(asset);
  if (cached === sha256) {
    options.log.debug(`${label} is in the tool cache with the right SHA-256`);
    return;
  }
  if (cached !== undefined) {
    options.log.warning(
      `${label} in the tool cache has SHA-256 ${cached}, not ${sha256}: deleted, downloading it again`,
    );
    await rm(asset, { force: true });
  }
  options.log.info(`Downloading ${label} for ${release.os}/${release.arch}`);
  const { http, clock, signal } = options;
  await downloadVerified({ url, sha256, destination: asset, label, http, clock, signal });
}

/** An archive is unpacked anew every time, because only the archive has a hash that can be checked. */
async function makeExecutable(release: Release, asset: string): Promise<string> {
  if (release.archiveMember === undefined) {
    await chmod(asset, 0o755);
    return asset;
  }
  const program = path.join(path.dirname(asset), release.tool);
  const temporary = `${program}.${randomUUID()}`;
  await unpackMembers({
    source: createReadStream(asset),
    label: path.basename(asset),
    members: new Map([[release.archiveMember, temporary]]),
    maxBytes: LARGEST_TOOL,
    mode: 0o755,
  });
  await rename(temporary, program);
  return program;
}
