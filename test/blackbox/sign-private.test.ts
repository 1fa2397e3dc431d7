import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let bed: EvidenceWorld;
let built: AttestedImage;
let images = 0;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());
beforeEach(async () => {
  built = await pushAttestedImage(bed.repository, `private ${(images += 1)}`);
});

const UNLOGGED = '--insecure-ignore-tlog --use-signed-timestamps';

function eventOf(repository: Record<string, unknown> | undefined): Record<string, string> {
  const file = path.join(bed.world.directory, `event-${images}.json`);
  writeFileSync(file, JSON.stringify({ ...pushEvent(), repository }));
  return { GITHUB_EVENT_PATH: file };
}

function policyOf(lines: string): Record<string, string> {
  const file = path.join(bed.world.directory, `policy-${images}.yml`);
  writeFileSync(file, lines);
  return { PLIMSOLL_POLICY_FILE: file, GITHUB_ACTIONS: '' };
}

async function entriesOf(): Promise<readonly unknown[]> {
  const referrers = await bed.connect().referrers(built.digest);
  const bundles = referrers.map(async ({ digest }) => {
    const manifest = JSON.parse((await bed.connect().manifest(digest)).bytes.toString()) as {
      layers: { digest: `sha256:${string}`; size: number; mediaType: string }[];
    };
    const [layer] = manifest.layers;
    if (layer === undefined) throw new Error('no bundle');
    const chunks: Buffer[] = [];
    for await (const chunk of await bed.connect().blob(layer)) chunks.push(Buffer.from(chunk));
    const bundle = JSON.parse(Buffer.concat(chunks).toString()) as {
      verificationMaterial: { tlogEntries?: unknown[] };
    };
    return bundle.verificationMaterial.tlogEntries ?? [];
  });
  return (await Promise.all(bundles)).flat();
}

describe('a private repository', () => {
  const isPrivate = { name: 'app', full_name: 'acme/app', private: true, default_branch: 'main' };

  it('has no entry in the log, and its signatures are proven by the timestamp authority', async () => {
    const run = await bed.sign(built, { env: eventOf(isPrivate) });
    expect(codeOf(run)).toBeUndefined();
    expect(await entriesOf()).toEqual([]);
    expect(run.outputs['verify-command']).toContain(UNLOGGED);
    await bed.consumer(run.outputs['verify-command'] ?? '');
    await expect(bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(built.digest)}`)).rejects.toThrow();
  });

  it('is verified under a policy that says so, and under no other', async () => {
    await bed.sign(built, { env: eventOf(isPrivate) });
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBe('verify-untrusted');
    const run = await bed.verify(bed.at(built.digest), {}, policyOf('verify: {transparency-log: optional}'));
    expect(codeOf(run)).toBeUndefined();
    expect(reportOf(run).bundles.every(({ unlogged }) => unlogged === true)).toBe(true);
    expect(run.summary.replaceAll(' \\\n  --', ' --')).toContain(UNLOGGED);
  });

  it('is logged when it asks for it', async () => {
    const run = await bed.sign(built, { env: eventOf(isPrivate), inputs: { 'transparency-log': 'on' } });
    expect(codeOf(run)).toBeUndefined();
    expect(await entriesOf()).not.toEqual([]);
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });

  it('is known from the token where the event does not tell', async () => {
    const token = bed.world.sigstore.claims({ repository_visibility: 'internal' });
    expect(codeOf(await bed.sign(built, { env: { ...eventOf(undefined), ...token } }))).toBeUndefined();
    expect(await entriesOf()).toEqual([]);
  });
});

describe('a signing configuration', () => {
  const withoutService = (name: string) => {
    const config = JSON.parse(readFileSync(bed.world.sigstore.signingConfig, 'utf8')) as Record<string, unknown>;
    const file = path.join(bed.world.directory, `config-${images}.json`);
    writeFileSync(file, JSON.stringify({ ...config, [name]: [] }));
    return { 'signing-config': file };
  };

  it.each([
    ['a log', 'rekorTlogUrls', 'on', 'log-missing'],
    ['a timestamp authority', 'tsaUrls', 'off', 'timestamp-missing'],
  ])('without %s signs nothing that needs it', async (_name, service, mode, code) => {
    const inputs = { ...withoutService(service), 'transparency-log': mode };
    expect(codeOf(await bed.sign(built, { inputs }))).toBe(code);
    expect(await bed.connect().referrers(built.digest)).toEqual([]);
  });
});
