import { PlimsollError } from '../runtime/errors.ts';

/** A program that a stage drives. */
export type ToolName = 'buildx' | 'cosign' | 'osv-scanner' | 'trivy';

/** One published file of one tool, with the hash a person has looked up and compared. */
export interface Release {
  readonly tool: ToolName;
  /** Without a leading `v`. */
  readonly version: string;
  /** As `process.platform` has it. */
  readonly os: 'linux' | 'darwin';
  /** As `process.arch` has it. */
  readonly arch: 'x64' | 'arm64';
  readonly url: string;
  /** Hexadecimal SHA-256 of the file at {@link url}. */
  readonly sha256: string;
  /** The program inside, when the file is a gzipped tar archive. */
  readonly archiveMember?: string;
}

const github = 'https://github.com';
const cosign = `${github}/sigstore/cosign/releases/download/v3.1.3`;
const trivy = `${github}/aquasecurity/trivy/releases/download/v0.72.0`;
const osvScanner = `${github}/google/osv-scanner/releases/download/v2.6.0`;
const buildx = `${github}/docker/buildx/releases/download/v0.37.0`;

/** A platform that is not here has no confirmed hash, and is refused. */
export const CATALOG: readonly Release[] = [
  {
    tool: 'cosign',
    version: '3.1.3',
    os: 'linux',
    arch: 'x64',
    url: `${cosign}/cosign-linux-amd64`,
    sha256: '4629c757b7618056f8ddd7e2625ae9fdd94c0372a65049520bc7d9df9efc7f71',
  },
  {
    tool: 'cosign',
    version: '3.1.3',
    os: 'linux',
    arch: 'arm64',
    url: `${cosign}/cosign-linux-arm64`,
    sha256: 'c5d324e091826b0d7a78eb16fef316450b4eb9aaec045611c08ba06f5e73220a',
  },
  {
    tool: 'cosign',
    version: '3.1.3',
    os: 'darwin',
    arch: 'arm64',
    url: `${cosign}/cosign-darwin-arm64`,
    sha256: '5cf948c2f4dfe59687bdd0b8523709067383e03982cc543475c8a7dc70e92a76',
  },
  {
    tool: 'trivy',
    version: '0.72.0',
    os: 'linux',
    arch: 'x64',
    url: `${trivy}/trivy_0.72.0_Linux-64bit.tar.gz`,
    sha256: 'bbb64b9695866ce4a7a8f5c9592002c5961cab378577fa3f8a040df362b9b2ea',
    archiveMember: 'trivy',
  },
  {
    tool: 'trivy',
    version: '0.72.0',
    os: 'linux',
    arch: 'arm64',
    url: `${trivy}/trivy_0.72.0_Linux-ARM64.tar.gz`,
    sha256: '2ca2c023109c2db6b2b77366b6717291452d4531167377d95c79547f0c8e3467',
    archiveMember: 'trivy',
  },
  {
    tool: 'trivy',
    version: '0.72.0',
    os: 'darwin',
    arch: 'arm64',
    url: `${trivy}/trivy_0.72.0_macOS-ARM64.tar.gz`,
    sha256: '88f208680dc05da2b459e19b4f5aa2b4dc7c2117892ba4aab2ae63baba330016',
    archiveMember: 'trivy',
  },
  {
    tool: 'osv-scanner',
    version: '2.6.0',
    os: 'linux',
    arch: 'x64',
    url: `${osvScanner}/osv-scanner_linux_amd64`,
    sha256: 'ca69b3d3cd08f889a49dc0a383122f71cc528b83803671df5fd874d97485b108',
  },
  {
    tool: 'osv-scanner',
    version: '2.6.0',
    os: 'linux',
    arch: 'arm64',
    url: `${osvScanner}/osv-scanner_linux_arm64`,
    sha256: '2c71403eb443d05891c4f268c3ad771cf4f16e5443463fd7851ef8f454d3c7e4',
  },
  {
    tool: 'osv-scanner',
    version: '2.6.0',
    os: 'darwin',
    arch: 'arm64',
    url: `${osvScanner}/osv-scanner_darwin_arm64`,
    sha256: '98c460dcd37de25819babd757d04542045b6243113e209edcd4d89fedb0256b4',
  },
  {
    tool: 'buildx',
    version: '0.37.0',
    os: 'linux',
    arch: 'x64',
    url: `${buildx}/buildx-v0.37.0.linux-amd64`,
    sha256: 'ae43fa08c796b44efc86d7a63c55f73f7c35f3101188dea7bf93bcd6f99577ba',
  },
  {
    tool: 'buildx',
    version: '0.37.0',
    os: 'linux',
    arch: 'arm64',
    url: `${buildx}/buildx-v0.37.0.linux-arm64`,
    sha256: 'd263ce31bd2c9e9210aaa2c7537c67802bccabcd342e4c9fe4907085ddb41aa5',
  },
];

/** Where a tool is to run; both as Node names them. */
export interface HostPlatform {
  readonly os: string;
  readonly arch: string;
}

/**
 * The one release of a tool for a platform.
 *
 * @throws PlimsollError `tool-unsupported` when no hash of it was confirmed
 */
export function findRelease(tool: ToolName, { os, arch }: HostPlatform, catalog = CATALOG): Release {
  const found = catalog.find((row) => row.tool === tool && row.os === os && row.arch === arch);
  if (found !== undefined) return found;
  const known = catalog.filter((row) => row.tool === tool).map((row) => `${row.os}/${row.arch}`);
  throw new PlimsollError('tool-unsupported', `There is no confirmed build of ${tool} for ${os}/${arch}`, {
    hint: `Run this job on ${known.join(' or ')}, or set ${overrideVariable(tool)} to the path of a ${tool} you trust.`,
  });
}

/** The environment variable that names a program to use instead of a release. */
export function overrideVariable(tool: ToolName): string {
  return `PLIMSOLL_TOOL_${tool.toUpperCase().replaceAll('-', '_')}`;
}

/** Paths given for tools in an environment; an empty value is none. */
export function toolOverrides(env: NodeJS.ProcessEnv): Partial<Record<ToolName, string>> {
  const tools: readonly ToolName[] = ['buildx', 'cosign', 'osv-scanner', 'trivy'];
  const given = tools.map((tool) => [tool, env[overrideVariable(tool)] ?? ''] as const);
  return Object.fromEntries(given.filter(([, file]) => file !== ''));
}
