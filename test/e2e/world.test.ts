import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { worldProcesses } from '@plimsoll/testkit/world/reaper-sweep';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, test } from 'vitest';

const execute = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
let world: World;
let startedIn = 0;

beforeAll(async () => {
  // The tools may have to be compiled first; that is not the world's start.
  await (await startWorld({ tools: ['buildkitd', 'crane', 'trivy', 'osv-scanner'] })).close();
  const started = performance.now();
  world = await startWorld({ tools: ['crane', 'trivy', 'osv-scanner'] });
  startedIn = performance.now() - started;
  await logIn(world);
});

afterAll(() => world.close());

async function logIn({ ghcr, quay, env }: World): Promise<void> {
  const auth = (username: string, password: string) => ({
    auth: Buffer.from(`${username}:${password}`).toString('base64'),
  });
  const auths = {
    [ghcr.host]: auth(ghcr.username, ghcr.token),
    [quay.host]: auth(quay.username, quay.password),
  };
  await writeFile(path.join(env['DOCKER_CONFIG'] ?? '', 'config.json'), JSON.stringify({ auths }));
}

async function tool(name: 'buildx' | 'cosign' | 'crane' | 'trivy' | 'osv-scanner', ...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: world.directory, ...world.env };
  const { stdout } = await execute(world.tools[name] ?? name, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

async function pushedImage(name: string): Promise<string> {
  await tool('crane', 'copy', await world.images.base(), `${name}:v1`);
  return `${name}@${await tool('crane', 'digest', `${name}:v1`)}`;
}

test('a world starts in seconds', () => {
  expect(startedIn).toBeLessThan(10_000);
});

test('GHCR takes pushes with its token, has no referrers API, and its packages are in the REST API', async () => {
  const name = `${world.ghcr.host}/acme/ledger`;
  const image = await pushedImage(name);
  expect(await tool('crane', 'ls', name)).toBe('v1');
  const authorization = `Bearer ${Buffer.from(world.token).toString('base64')}`;
  const digest = image.split('@')[1] ?? '';
  const referrers = await fetch(`http://${world.ghcr.host}/v2/acme/ledger/referrers/${digest}`, {
    headers: { authorization },
  });
  expect(referrers.status).toBe(404);

  const versions = `${world.github.apiUrl}/orgs/acme/packages/container/ledger/versions`;
  const rest = (url: string, method = 'GET') =>
    fetch(url, { method, headers: { authorization: `Bearer ${world.token}` } });
  const listed = (await (await rest(versions)).json()) as { id: number; name: string }[];
  // The index and its two platforms.
  expect(listed).toHaveLength(3);
  const child = listed.find((version) => version.name !== digest);
  expect((await rest(`${versions}/${child?.id}`, 'DELETE')).status).toBe(204);
  await expect(tool('crane', 'manifest', `${name}@${child?.name}`)).rejects.toThrow(/MANIFEST_UNKNOWN/);
});

test('Quay speaks HTTP/2 over TLS, wants credentials for pushes only, and has the referrers API', async () => {
  const name = `${world.quay.host}/acme/app`;
  const image = await pushedImage(name);
  const digest = image.split('@')[1] ?? '';
  const session = connect(`https://${world.quay.host}`, { ca: readFileSync(world.quay.caFile) });
  const get = async (target: string, headers: IncomingHttpHeaders = {}) => {
    const stream = session.request({ ':path': target, ...headers });
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return { answer, body: Buffer.concat(chunks).toString() };
  };
  expect((await get('/v2/')).answer['www-authenticate']).toContain('realm="https://');
  const { token } = JSON.parse((await get('/v2/auth?scope=repository:acme/app:pull')).body) as { token: string };
  const referrers = await get(`/v2/acme/app/referrers/${digest}`, { authorization: `Bearer ${token}` });
  // Clients that go away in the middle do not take the world with them.
  const upload = { ':method': 'POST', ':path': '/v2/acme/app/blobs/uploads/', 'content-length': '1000' };
  const unfinished = session.request({ ...upload, authorization: `Bearer ${token}` });
  unfinished.on('error', () => {});
  unfinished.write('begun');
  unfinished.destroy();
  expect((await get('/v2/')).answer[':status']).toBe(401);
  session.close();
  expect(referrers.answer['content-type']).toBe('application/vnd.oci.image.index.v1+json');
  expect(world.quay.front.requests.at(-1)).toMatchObject({ httpVersion: '2.0' });
  const anonymous = await execute(world.tools.crane ?? '', ['copy', image, `${name}:stolen`], {
    env: { HOME: world.directory, SSL_CERT_FILE: world.quay.caFile },
  }).catch((error: unknown) => String(error));
  expect(anonymous).toMatch(/DENIED|UNAUTHORIZED/);
});

test('cosign signs keyless and verifies without an insecure flag, and tells identities apart', async () => {
  const { sigstore, ghcr } = world;
  const image = await pushedImage(`${ghcr.host}/acme/signed`);
  const trust = ['--trusted-root', sigstore.trustedRoot];
  await tool('cosign', 'sign', '--yes', '--signing-config', sigstore.signingConfig, ...trust, image);
  const identity = ['--certificate-oidc-issuer', sigstore.issuer, '--certificate-identity', DEFAULT_SUBJECT];
  expect(await tool('cosign', 'verify', ...trust, ...identity, image)).toContain('acme/signed');
  const repository = ['--certificate-github-workflow-repository', 'evil/app'];
  await expect(tool('cosign', 'verify', ...trust, ...identity, ...repository, image)).rejects.toThrow(/evil\/app/);
});

test('BuildKit builds both platforms on the base image, with SBOM and provenance', async () => {
  const context = world.lifetime.folder('context');
  await writeFile(path.join(context, 'Dockerfile'), 'ARG BASE\nFROM ${BASE}\nRUN uname -m >/machine\n');
  const layout = world.lifetime.folder('layout');
  await tool(
    'buildx',
    'build',
    '--platform=linux/amd64,linux/arm64',
    '--provenance=mode=max',
    `--sbom=generator=${await world.images.sbomGenerator()}`,
    `--build-arg=BASE=${await world.images.base()}`,
    `--output=type=oci,dest=${layout},tar=false,name=${world.ghcr.host}/acme/app:sha`,
    context,
  );
  const blobs = path.join(layout, 'blobs/sha256');
  const texts = readdirSync(blobs).map((name) => readFileSync(path.join(blobs, name)).toString('latin1'));
  const predicates = texts.filter((text) => text.startsWith('{"_type"'));
  expect(predicates.filter((text) => text.includes('"predicateType":"https://spdx.dev/Document"'))).toHaveLength(2);
  expect(predicates.filter((text) => text.includes('slsa.dev/provenance'))).toHaveLength(2);
  expect(predicates.some((text) => text.includes('"name":"busybox-static"'))).toBe(true);
});

test('trivy and osv-scanner read the databases that a test published', async () => {
  const published = await world.databases.publish([
    {
      id: 'CVE-2026-99001',
      title: 'Text that never ends',
      severity: 'CRITICAL',
      affected: [{ ecosystem: 'Go', package: 'golang.org/x/text', fixed: '0.3.8' }],
    },
    {
      id: 'CVE-2026-99002',
      title: 'Too much compressed',
      severity: 'HIGH',
      affected: [
        { os: 'debian', release: '12', package: 'zlib', fixed: '1:9.0-1' },
        { os: 'ubuntu', release: '24.04', package: 'zlib', fixed: '1:9.0-1' },
      ],
    },
  ]);
  const quiet = ['--quiet', '--cache-dir', world.lifetime.folder('trivy'), '--format', 'json'];
  const database = ['--db-repository', published.trivyDb, '--insecure', '--skip-version-check', '--disable-telemetry'];
  const image = await pushedImage(`${world.hub.host}/acme/vulnerable`);
  expect(await tool('trivy', 'image', ...quiet, ...database, '--scanners', 'vuln', image)).toContain('CVE-2026-99002');

  const source = world.lifetime.folder('source');
  await cp(path.join(root, 'examples/harbour-unsafe'), source, { recursive: true });
  const local = world.lifetime.folder('osv', 'osv-scalibr', 'Go');
  const archive = await fetch(`${published.osvDb}/Go/all.zip`);
  await writeFile(path.join(local, 'all.zip'), Buffer.from(await archive.arrayBuffer()));
  const offline = ['--offline', '--local-db-path', world.lifetime.folder('osv'), '--format', 'json'];
  // Exit code 1 says that something was found.
  const found = await tool('osv-scanner', 'scan', 'source', ...offline, source).catch(
    (error: { stdout?: string }) => error.stdout ?? '',
  );
  expect(found).toContain('CVE-2026-99001');
  expect(
    (await fetch(`${published.osvDb}/Go/all.zip`, { headers: { 'if-none-match': archive.headers.get('etag') ?? '' } }))
      .status,
  ).toBe(304);
});

test('a world whose process is killed in the middle of a build leaves nothing', async () => {
  const module = path.join(root, 'packages/testkit/src/world/world.ts');
  const context = world.lifetime.folder('endless');
  await mkdir(context, { recursive: true });
  await writeFile(path.join(context, 'Dockerfile'), 'ARG BASE\nFROM ${BASE}\nRUN echo reached; sleep 1000\n');
  const program = `
    import { spawn } from 'node:child_process';
    import { startWorld } from ${JSON.stringify(module)};
    const world = await startWorld();
    const base = await world.images.base();
    console.log(world.directory);
    const args = ['build', '--progress=plain', '--build-arg=BASE=' + base, ${JSON.stringify(context)}];
    const env = { PATH: process.env.PATH, HOME: world.directory, ...world.env };
    const build = spawn(world.tools.buildx, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    build.stderr.on('data', (chunk) => { if (/ reached/.test(chunk)) console.log('building'); });
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: root,
  });
  const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
  const directory = String((await lines.next()).value);
  expect((await lines.next()).value).toBe('building');
  expect(worldProcesses(directory).length).toBeGreaterThan(5);
  parent.kill('SIGKILL');
  for (let tries = 0; existsSync(directory) && tries < 1000; tries++) await delay(10);
  expect(existsSync(directory)).toBe(false);
  expect(worldProcesses(directory)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory);
  expect(cgroupsNamed(path.basename(directory))).toEqual([]);
});

function cgroupsNamed(name: string): string[] {
  const hierarchies = existsSync('/sys/fs/cgroup') ? readdirSync('/sys/fs/cgroup') : [];
  return [name, ...hierarchies.map((hierarchy) => `${hierarchy}/${name}`)].filter((candidate) =>
    existsSync(`/sys/fs/cgroup/${candidate}`),
  );
}
