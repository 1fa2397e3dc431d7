import type { Outcome } from '@plimsoll/core/stages/scan/verdict';
import type { Tree } from '../layout/image-layout.ts';
import type { Advisory } from '../world/databases/advisory.ts';
import { packageLock, PRIVATE_KEY } from './subjects.ts';

/** Vulnerabilities as they were published, with the packages and versions that they are in. */
export const CORPUS_ADVISORIES: readonly Advisory[] = [
  {
    id: 'CVE-2022-0778',
    title: 'Infinite loop in BN_mod_sqrt() reachable when parsing certificates',
    severity: 'HIGH',
    affected: [{ os: 'debian', release: '11', package: 'openssl', fixed: '1.1.1k-1+deb11u2' }],
  },
  {
    id: 'CVE-2019-14697',
    title: 'musl libc through 1.1.23 has an x87 floating-point stack adjustment imbalance',
    severity: 'CRITICAL',
    affected: [{ os: 'alpine', release: '3.10', package: 'musl', fixed: '1.1.22-r3' }],
  },
  {
    id: 'CVE-2020-8203',
    title: 'Prototype pollution in lodash',
    severity: 'HIGH',
    affected: [{ ecosystem: 'npm', package: 'lodash', fixed: '4.17.19' }],
  },
  {
    id: 'CVE-2023-32681',
    title: 'Requests leaks Proxy-Authorization headers',
    severity: 'MEDIUM',
    affected: [{ ecosystem: 'PyPI', package: 'requests', introduced: '2.3.0', fixed: '2.31.0' }],
  },
  {
    id: 'CVE-2022-32149',
    title: 'golang.org/x/text/language denial of service',
    severity: 'HIGH',
    affected: [{ ecosystem: 'Go', package: 'golang.org/x/text', fixed: '0.3.8' }],
  },
  {
    id: 'CVE-2020-35711',
    title: 'arc-swap dangling reference in Access',
    severity: 'HIGH',
    affected: [{ ecosystem: 'crates.io', package: 'arc-swap', introduced: '1.0.0', fixed: '1.1.0' }],
  },
  {
    id: 'CVE-2022-23633',
    title: 'Action Pack exposes information to another request',
    severity: 'HIGH',
    affected: [{ ecosystem: 'RubyGems', package: 'actionpack', introduced: '6.1.0', fixed: '6.1.4.6' }],
  },
];

/** Something to scan, and what has to come of it. */
export interface CorpusEntry {
  readonly name: string;
  /** Layers of an image; Alpine 3.10 without anything wrong unless given. */
  readonly image?: readonly Tree[];
  readonly source?: Tree;
  /** The policy file on the default branch; the defaults unless given. */
  readonly policy?: string;
  readonly outcome: Outcome;
  /** Ids of everything that is found, in order of the alphabet. */
  readonly findings: readonly string[];
}

function alpine(musl: string): Tree {
  return {
    'etc/os-release': 'ID=alpine\nVERSION_ID=3.10.2\nNAME="Alpine Linux"\n',
    'etc/alpine-release': '3.10.2\n',
    'lib/apk/db/installed': `P:musl\nV:${musl}\nA:x86_64\nT:the musl c library\nL:MIT\no:musl\n\n`,
  };
}

function debian(openssl: string): Tree {
  const status = `Package: libssl1.1\nStatus: install ok installed\nSource: openssl\nVersion: ${openssl}\nArchitecture: amd64\nMaintainer: Debian\n\n`;
  return {
    'etc/os-release': 'ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\n',
    'etc/debian_version': '11.3\n',
    'var/lib/dpkg/status': status,
  };
}

const CLEAN = alpine('1.1.22-r3');
const wheel = (version: string): Tree => ({
  [`usr/lib/python3/site-packages/requests-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: requests\nVersion: ${version}\nLicense: Apache-2.0\n`,
});
const module = (version: string): Tree => ({
  'app/node_modules/lodash/package.json': JSON.stringify({ name: 'lodash', version, license: 'MIT' }),
});
function licensed(license: string): Tree {
  return { 'app/node_modules/x/package.json': JSON.stringify({ name: 'x', version: '1.0.0', license }) };
}

const gomod = (version: string) => `module example.com/app\n\ngo 1.21\n\nrequire golang.org/x/text v${version}\n`;
const cargo = (version: string) =>
  `version = 3\n\n[[package]]\nname = "arc-swap"\nversion = "${version}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n`;
const gems = (version: string) =>
  `GEM\n  remote: https://rubygems.org/\n  specs:\n    actionpack (${version})\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  actionpack\n`;

const copyleft = licensed('AGPL-3.0-only');
const dual = licensed('(MIT OR AGPL-3.0-only)');

/** Images and source trees with known findings, and the same with none. */
export const CORPUS: readonly CorpusEntry[] = [
  { name: 'Alpine, patched', image: [CLEAN], outcome: 'pass', findings: [] },
  { name: 'Alpine, one release behind', image: [alpine('1.1.22-r2')], outcome: 'fail', findings: ['CVE-2019-14697'] },
  { name: 'Debian, patched', image: [debian('1.1.1k-1+deb11u2')], outcome: 'pass', findings: [] },
  { name: 'Debian, before', image: [debian('1.1.1k-1+deb11u1')], outcome: 'fail', findings: ['CVE-2022-0778'] },
  { name: 'npm module in the image', image: [CLEAN, module('4.17.15')], outcome: 'fail', findings: ['CVE-2020-8203'] },
  { name: 'npm module, fixed', image: [CLEAN, module('4.17.21')], outcome: 'pass', findings: [] },
  { name: 'MEDIUM only', image: [CLEAN, wheel('2.30.0')], outcome: 'pass', findings: ['CVE-2023-32681'] },
  { name: 'before it was introduced', image: [CLEAN, wheel('2.2.1')], outcome: 'pass', findings: [] },
  {
    name: 'a vulnerable package that a later layer replaced',
    image: [alpine('1.1.22-r2'), CLEAN],
    outcome: 'pass',
    findings: [],
  },
  {
    name: 'a key that a later layer deleted',
    image: [{ ...CLEAN, 'srv/key.pem': PRIVATE_KEY }, { 'srv/.wh.key.pem': '' }],
    outcome: 'fail',
    findings: ['private-key'],
  },
  { name: 'no package at all', image: [{ hello: 'world' }], outcome: 'incomplete', findings: [] },
  { name: 'Go module', source: { 'go.mod': gomod('0.3.7') }, outcome: 'fail', findings: ['CVE-2022-32149'] },
  { name: 'Go module, fixed', source: { 'go.mod': gomod('0.3.8') }, outcome: 'pass', findings: [] },
  { name: 'Rust crate', source: { 'Cargo.lock': cargo('1.0.0') }, outcome: 'fail', findings: ['CVE-2020-35711'] },
  { name: 'Rust crate, fixed', source: { 'Cargo.lock': cargo('1.1.0') }, outcome: 'pass', findings: [] },
  { name: 'Ruby gem', source: { 'Gemfile.lock': gems('6.1.4.5') }, outcome: 'fail', findings: ['CVE-2022-23633'] },
  {
    name: 'Python pins',
    source: { 'requirements.txt': 'requests==2.30.0\n' },
    outcome: 'pass',
    findings: ['CVE-2023-32681'],
  },
  {
    name: 'a lockfile of nothing known',
    source: { 'package-lock.json': packageLock('1.0.0') },
    outcome: 'pass',
    findings: [],
  },
  {
    name: 'a licence that is not looked at',
    image: [CLEAN, copyleft],
    outcome: 'pass',
    findings: [],
  },
  {
    name: 'a licence that is refused',
    image: [CLEAN, copyleft],
    policy: 'scan: {licences: {deny: ["AGPL-*"]}}\n',
    outcome: 'fail',
    findings: ['AGPL-3.0-only'],
  },
  {
    name: 'one side of a choice of licences that is allowed',
    image: [CLEAN, dual],
    policy: 'scan: {licences: {allow: [MIT]}}\n',
    outcome: 'pass',
    findings: [],
  },
  {
    name: 'data about exploitation that is wanted and not there',
    policy: 'scan: {kev: {data: /nowhere/kev.json}}\n',
    outcome: 'incomplete',
    findings: [],
  },
  { name: 'a key in the source', source: { 'deploy/id_rsa': PRIVATE_KEY }, outcome: 'fail', findings: ['private-key'] },
  {
    name: 'a Dockerfile that ends as root',
    source: { Dockerfile: 'FROM alpine:3.10@sha256:1\nHEALTHCHECK CMD true\nUSER root\n' },
    outcome: 'fail',
    findings: ['DS-0002'],
  },
  {
    name: 'a lockfile that does not parse',
    source: { 'Cargo.lock': '[[package' },
    outcome: 'incomplete',
    findings: [],
  },
];

export const CLEAN_IMAGE: readonly Tree[] = [CLEAN];
