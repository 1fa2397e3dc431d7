import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed, unpromoted } from '@plimsoll/testkit/faults/promotion-bed';
import { REGISTRY_FAULTS, type RegistryFault } from '@plimsoll/testkit/faults/registry-faults';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
});
afterAll(() => bed.close());

const slug = ({ name }: RegistryFault) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
const some = (...names: readonly string[]) => REGISTRY_FAULTS.filter(({ name }) => names.includes(name));

describe.concurrent('a source that fails', () => {
  it.each(some('401', '403', '429 for an hour', '503', 'an HTML page with 200', 'a reset connection'))(
    'with $name is unreachable, not empty',
    async (fault) => {
      const name = `acme/source-${slug(fault)}`;
      bed.ghcr.set(name, () => fault.fault);
      const source = `${bed.bed.world.ghcr.host}/${name}:stable`;
      expect(bed.outcome(await bed.promote(name, { source }), name)).toEqual(unpromoted(fault.code));
      expect(bed.quay.writes(name)).toEqual([]);
    },
  );
});

describe.concurrent('a registry that is down', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['source', { source: '127.0.0.1:1/acme/app:stable' }],
    ['destination', { destination: '127.0.0.1:1/acme/app' }],
  ])('as the %s is named with host and port', async (end, inputs) => {
    const step = await bed.promote(`acme/down-${end}`, inputs);
    expect(bed.outcome(step, `acme/down-${end}`), step.log).toEqual(unpromoted('registry-unreachable'));
    expect(step.shown).toContain('127.0.0.1:1');
    expect(bed.quay.writes(`acme/down-${end}`)).toEqual([]);
  });
});

describe.concurrent('a destination that fails', () => {
  it.each(REGISTRY_FAULTS)('with $name at once is not written to', async (fault) => {
    const name = `acme/at-once-${slug(fault)}`;
    bed.quay.set(name, () => fault.fault);
    expect(bed.outcome(await bed.promote(name), name)).toEqual(unpromoted(fault.code));
    expect(bed.quay.writes(name)).toEqual([]);
  });

  it.each(some('403', '500', 'a reset connection'))('with $name at an upload gets no tag', async (fault) => {
    const name = `acme/upload-${slug(fault)}`;
    bed.quay.set(name, ({ method }) => (method === 'POST' ? fault.fault : undefined));
    expect(bed.outcome(await bed.promote(name), name)).toEqual(unpromoted(fault.code));
  });

  it('with 403 when the copy is verified gets no tag', async () => {
    bed.quay.set('acme/blind', ({ path: asked }) =>
      asked.includes('/referrers/') && bed.quay.manifests('acme/blind').includes(bed.good.digest)
        ? { status: 403, body: { errors: [{ code: 'DENIED' }] } }
        : undefined,
    );
    const step = await bed.promote('acme/blind');
    expect(codeOf(step), step.log).toMatch(/^(?:verify-unreachable|registry-denied)$/);
    expect(bed.quay.tagWrites('acme/blind')).toEqual([]);
  });

  it('with 409 at the immutable tag gets no moving tag', async () => {
    bed.quay.set('acme/frozen', ({ method, path: asked }) =>
      method === 'PUT' && asked.endsWith('/1.0.0') ? { status: 409, body: { errors: [] } } : undefined,
    );
    const step = await bed.promote('acme/frozen');
    expect(codeOf(step), step.log).toBe('tag-immutable');
    expect(bed.quay.tagWrites('acme/frozen')).toEqual(['1.0.0']);
    expect(step.outputs['tags'] ?? '').toBe('');
    expect(bed.leaks(step)).toEqual([]);
  });
});

describe('bytes that do not match their digest', () => {
  it.each([
    ['of the same length', 'good for amd64'.length],
    ['cut short', 4],
  ])('at the source, %s, are refused and nothing is tagged', async (name, length) => {
    const destination = `acme/bytes-${length}`;
    const manifest = await bed.bed.repository.manifest(bed.good.platforms[0]?.digest ?? bed.good.digest);
    const [layer] = (JSON.parse(manifest.bytes.toString()) as { layers: { digest: string }[] }).layers;
    // As JSON it is two quotes longer.
    const body = 'x'.repeat(length - 2);
    bed.ghcr.set('acme/app', ({ path: asked }) =>
      asked.endsWith(`/blobs/${layer?.digest}`) ? { status: 200, body } : undefined,
    );
    const step = await bed.promote(destination).finally(() => bed.ghcr.set('acme/app', undefined));
    expect(bed.outcome(step, destination), step.log).toEqual(unpromoted('digest-mismatch'));
    expect(step.shown, name).toContain(layer?.digest);
  });
});
