import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { Consumer } from '@plimsoll/testkit/demo/proof';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { DEFAULT_IDENTITY, DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/family');
const COMMIT_TAG = `sha-${DEFAULT_IDENTITY.sha}`;
const NAMES = ['base', 'runtime', 'tide', 'berth'] as const;
const PLATFORMS = ['linux/amd64', 'linux/arm64'];

let world: World;
let registry: FaultBoard;
let databases: PublishedDatabases;
let tools: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await startWorld({
    parts: ['sigstore', 'ghcr', 'quay', 'hub', 'buildkit'],
    tools: ['trivy', 'osv-scanner', 'cosign'],
  });
  registry = new FaultBoard(world.ghcr.front);
  const [published, sbomGenerator, base] = await Promise.all([
    world.databases.publish(SCAN_ADVISORIES),
    world.images.sbomGenerator(),
    world.images.base(),
  ]);
  databases = published;
  tools = { 'sbom-generator': sbomGenerator, 'build-args': `BASE=${base}` };
});
afterAll(() => world.close());

interface Shipment {
  /** Where this one differs from the example, by file. */
  readonly files?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Of the base and the runtime. */
  readonly platforms?: readonly string[];
}

/** The example, below a repository of its own. */
function ship(name: string, { files = {}, inputs = {}, platforms = PLATFORMS }: Shipment = {}): Promise<ActionRun> {
  const cwd = world.lifetime.folder('families', name);
  cpSync(EXAMPLE, cwd, { recursive: true });
  const images = readFileSync(path.join(EXAMPLE, 'images.yml'), 'utf8')
    .replaceAll('ghcr.io/acme', `${world.ghcr.host}/${name}`)
    // The services for one platform, to keep the time of the test in bounds.
    .replaceAll(/^( {2}context: (?:base|runtime))$/gm, `$1\n  platforms: ${platforms.join()}`);
  writeFileSync(path.join(cwd, 'images.yml'), images);
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(cwd, file), text);
  const { issuer, signingConfig, trustedRoot } = world.sigstore;
  return runAction({
    action: 'pipeline',
    world,
    cwd,
    inputs: {
      images: 'images.yml',
      platforms: 'linux/amd64',
      tags: 'main',
      ...tools,
      'trivy-db': databases.trivyDb,
      'osv-db': databases.osvDb,
      'signing-config': signingConfig,
      'trusted-root': trustedRoot,
      'certificate-oidc-issuer': issuer,
      ...inputs,
    },
  });
}

interface Image {
  readonly image: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly 'platform-digests': Readonly<Record<string, string>>;
  readonly outcome: string;
  readonly resumed: boolean;
}

const imagesOf = (step: ActionRun) => JSON.parse(step.outputs['images'] ?? '{}') as Record<string, Image>;
const repositoryOf = (family: string, name: string) => `${family}/harbour-${name}`;
const writesOf = (family: string) => NAMES.flatMap((name) => registry.writes(repositoryOf(family, name)));

/** For what stops before its SBOM is of use. */
const QUICK = { platforms: ['linux/amd64'], inputs: { sbom: 'false', 'sbom-generator': '', sign: 'false' } };

/** What a bad package looks like to a scanner; it stands in no lockfile. */
const BAD = {
  file: 'package.json',
  text: '{"name":"left-bad","version":"1.0.0"}',
  copy: 'COPY package.json /app/node_modules/left-bad/package.json\n',
};
const bad = (name: string, from: string) => ({
  [`${name}/${BAD.file}`]: BAD.text,
  [`${name}/Dockerfile`]: `${from}\n${BAD.copy}USER 65532:65532\n`,
});

/** Two names of one repository. */
const TWINS = '- { name: a, image: acme/a }\n- { name: b, image: docker.io/acme/a }\n';

/** As consumers see it, with cosign. */
async function expectEvidence(image: Image | undefined): Promise<void> {
  const { issuer, trustedRoot } = world.sigstore;
  await (await Consumer.of(world)).checkEvidence(image?.image ?? '', {
    identity: DEFAULT_SUBJECT,
    issuer,
    trustedRoot,
  });
}

describe('a family', () => {
  it('is built each on the bytes below it, published and tagged as one, and all of it is found again', async () => {
    const step = await ship('whole', { inputs: { report: 'html', 'sign-scope': 'index' } });
    expect(codeOf(step), step.log).toBeUndefined();
    const images = imagesOf(step);
    expect(Object.keys(images)).toEqual([...NAMES]);
    expect(step.outputs).toMatchObject({ pushed: 'true', resumed: 'false', outcome: 'pass' });
    for (const name of NAMES) {
      expect(images[name]).toMatchObject({ outcome: 'pass', tags: [COMMIT_TAG, 'main'] });
      expect(registry.tagWrites(repositoryOf('whole', name))).toEqual([COMMIT_TAG, 'main']);
    }
    expect(Object.keys(images['runtime']?.['platform-digests'] ?? {})).toEqual(PLATFORMS);
    await expectBuiltOn('whole', 'runtime', 'base', images);
    await expectBuiltOn('whole', 'tide', 'runtime', images);
    await expectBuiltOn('whole', 'berth', 'runtime', images);
    await expectEvidence(images['tide']);
    expect(step.summary).toContain('4 images are published, signed, verified and tagged');
    expect(readFileSync(step.outputs['report-html'] ?? '', 'utf8')).toContain(images['tide']?.digest);

    const again = await ship('whole');
    expect(codeOf(again), again.log).toBeUndefined();
    expect(again.outputs).toMatchObject({ pushed: 'true', resumed: 'true' });
    expect(NAMES.map((name) => imagesOf(again)[name]?.digest)).toEqual(NAMES.map((name) => images[name]?.digest));
  }, 300_000);

  it('that stops between two tags is completed by the next run, on what is there', async () => {
    const tide = repositoryOf('half', 'tide');
    registry.set(tide, ({ method, path: asked }) =>
      method === 'PUT' && asked.endsWith(`/manifests/${COMMIT_TAG}`) ? { status: 403, body: {} } : undefined,
    );
    // By another name, and with lines that are no instructions.
    const dockerfile = 'FROM runtime:latest\nCOPY <<SQL /srv/data.txt\nSELECT 1\nFROM users\nSQL\nUSER 65532:65532\n';
    const files = { 'tide/Dockerfile': dockerfile };
    const shipment = { files, platforms: ['linux/amd64'], inputs: { 'sign-scope': 'index' } };
    const step = await ship('half', shipment);
    expect(codeOf(step), step.log).toBe('registry-denied');
    expect(NAMES.flatMap((name) => registry.tagWrites(repositoryOf('half', name)))).not.toContain('main');
    registry.set(tide, undefined);
    const again = await ship('half', shipment);
    expect(codeOf(again), again.log).toBeUndefined();
    const images = imagesOf(again);
    expect(NAMES.map((name) => images[name]?.resumed)).toEqual([true, true, false, false]);
    const { annotations } = await read(connect(tide), images['tide']?.digest);
    expect(annotations).toMatchObject({ 'org.opencontainers.image.base.digest': images['runtime']?.digest });
    expect(images['berth']?.tags).toEqual([COMMIT_TAG, 'main']);
  }, 300_000);

  it('is planned as a whole', async () => {
    const step = await ship('plan', { inputs: { 'dry-run': 'true' } });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.shown).toContain('[tide] Would build');
    expect(imagesOf(step)).toMatchObject({ berth: { needs: ['runtime'], tags: [COMMIT_TAG, 'main'], pushed: false } });
    expect(NAMES.flatMap((name) => registry.requests(repositoryOf('plan', name)))).toEqual([]);
  });

  it('is not confused with a plan of other images', async () => {
    const step = await ship('both', {
      inputs: { 'images-matrix': '[{"image": "x.test/a"}]', 'dry-run': 'true', platforms: '' },
    });
    expect(codeOf(step), step.log).toBe('input-conflict');
  });

  it('that goes in a circle is refused at its line', async () => {
    const images = '- { name: a, image: x.test/a, needs: b }\n- { name: b, image: x.test/b, needs: a }\n';
    const step = await ship('circle', { files: { 'images.yml': images } });
    expect(codeOf(step), step.log).toBe('family-invalid');
    expect(step.shown).toContain('images.yml:1:');
  });

  it.each([
    ['with two images of one repository', { images: TWINS, inputs: {} }, 'family-invalid'],
    [
      'that could not prove what it is built on',
      { images: undefined, inputs: { provenance: 'off' } },
      'input-conflict',
    ],
  ] as const)('%s is refused before anything is built', async (name, { images, inputs }, code) => {
    const files = images === undefined ? {} : { 'images.yml': images };
    const step = await ship(name.replaceAll(' ', '-'), { files, inputs: { ...inputs, push: 'false' } });
    expect(codeOf(step), step.log).toBe(code);
    expect(step.shown).not.toContain(' Build ');
  });

  it('whose base does not pass is not built on it, and nothing of it is uploaded', async () => {
    const step = await ship('bad-base', { files: bad('base', 'ARG BASE\nFROM $BASE'), ...QUICK });
    expect(codeOf(step), step.log).toBe('scan-failed');
    expect(writesOf('bad-base')).toEqual([]);
    expect(step.shown).not.toContain('[runtime] Build ');
    expect(step.summary).toContain('not built, because of base');
    expect(step.outputs).toMatchObject({ pushed: 'false', outcome: 'fail' });
  });

  it('with an image that takes its base from elsewhere than it says is not uploaded', async () => {
    const dockerfile = 'ARG BASE\nFROM $BASE\nCOPY tide.txt /srv/data.txt\nUSER 65532:65532\n';
    const step = await ship('other-base', { files: { 'tide/Dockerfile': dockerfile }, ...QUICK });
    expect(codeOf(step), step.log).toBe('base-unused');
    expect(writesOf('other-base')).toEqual([]);
  });

  it('with one variant that does not pass is not uploaded at all', async () => {
    const inputs = { ...QUICK.inputs, 'attestation-style': 'referrers' };
    const step = await ship('bad-tide', { files: bad('tide', 'FROM runtime'), ...QUICK, inputs });
    expect(codeOf(step), step.log).toBe('scan-failed');
    expect(writesOf('bad-tide')).toEqual([]);
    const { base, berth, tide } = imagesOf(step);
    expect([base?.outcome, berth?.outcome, tide?.outcome]).toEqual(['pass', 'pass', 'fail']);
  });
});

/** Every platform begins with the layers of the same platform below it, and everything says of which digest. */
async function expectBuiltOn(family: string, name: string, on: string, images: Readonly<Record<string, Image>>) {
  const [image, base] = [images[name], images[on]];
  const [there, below] = [connect(repositoryOf(family, name)), connect(repositoryOf(family, on))];
  const keys = {
    'org.opencontainers.image.base.digest': base?.digest,
    'org.opencontainers.image.base.name': `${world.ghcr.host}/${repositoryOf(family, on)}:${COMMIT_TAG}`,
  };
  for (const platform of Object.keys(image?.['platform-digests'] ?? {})) {
    const own = await read(there, image?.['platform-digests'][platform]);
    const { layers = [] } = await read(below, base?.['platform-digests'][platform]);
    const digests = (of: Document['layers'] = []) => of.map(({ digest }) => digest);
    expect(digests(own.layers?.slice(0, layers.length))).toEqual(digests(layers));
    expect(own.annotations).toMatchObject(keys);
  }
  const index = await read(there, image?.digest);
  expect(index.annotations).toMatchObject(keys);
}

interface Document {
  readonly layers?: readonly { readonly digest: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
}

function connect(name: string): Repository {
  const { host, username, token } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: token }]);
  return new Registries({ credentials }).repository({ registry: host, repository: name });
}

const read = async (repository: Repository, digest = '') =>
  JSON.parse((await repository.manifest(digest)).bytes.toString('utf8')) as Document;
