import path from 'node:path';
import { type TreeImage, writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree } from '@plimsoll/testkit/scan/subjects';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());

const TOKEN = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`; // whole, it would be found in this file

describe('the configuration of an image', () => {
  it('is looked into for secrets, and one that is built again has the same', async () => {
    const scan = async (name: string) => {
      const layers = [{ ...alpineTree('1.2.5-r5'), name }];
      const images = ['amd64', 'arm64'].map((architecture): TreeImage => {
        return { architecture, layers, config: { Env: [`ARCH=${architecture}`, `TOKEN=${TOKEN}`] } };
      });
      const { directory } = await writeImageLayout(path.join(bed.world.directory, name), images);
      const run = await bed.scan({ inputs: { layout: directory, image: 'ghcr.io/acme/app' } });
      expect(errorCode(run)).toBe('scan-failed');
      expect(run.log + run.summary).not.toContain(TOKEN);
      return reportOf(run).findings.map(({ kind, id, fingerprint, places }) => ({ kind, id, fingerprint, places }));
    };
    const once = await scan('once');
    const places = [{ in: 'image', path: 'image configuration', platforms: ['linux/amd64', 'linux/arm64'] }];
    expect(once).toMatchObject([{ kind: 'secret', id: 'github-pat', places }]);
    expect(await scan('again')).toEqual(once);
  });
});
