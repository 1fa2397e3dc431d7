import { silentLog } from '@plimsoll/core/runtime/log';
import { systemClock } from '@plimsoll/core/runtime/clock';
import type { Digest } from '@plimsoll/core/oci/digest';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { PipelinePorts } from '@plimsoll/core/stages/pipeline/member';
import type { ScanResult } from '@plimsoll/core/stages/scan';
import { describe, expect, it } from 'vitest';
import { StageRecord } from './record.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;
const built = { digest, platforms: [] } as unknown as BuiltImage;
const scanned = {} as ScanResult;

/** Stages of which one may fail. */
function watched(failing?: keyof PipelinePorts) {
  const record = new StageRecord(false, { clock: systemClock, log: silentLog });
  const stage =
    <T>(name: keyof PipelinePorts, result: T) =>
    (): Promise<T> =>
      name === failing ? Promise.reject(new Error(name)) : Promise.resolve(result);
  const ports = {
    build: stage('build', built),
    publish: stage('publish', { manifests: 1, bytesMoved: 1 }),
    sign: stage('sign', { attestations: [], signedDigests: [] }),
    verify: stage('verify', { bundles: [] }),
  } as unknown as PipelinePorts;
  return { record, ports: record.watch(ports) };
}

const ended = (promise: Promise<unknown>) => promise.catch(() => undefined);

describe('the record of an image', () => {
  it.each(['sign', 'verify'] as const)(
    'says that it is in the registry, also when then this fails: %s',
    async (name) => {
      const { record, ports } = watched(name);
      await ports.build([]);
      expect(record.published).toBeUndefined();
      await ports.publish(built, scanned);
      await ended(ports.sign(digest, scanned));
      await ended(ports.verify(digest));
      expect([record.published, record.resumed]).toEqual([digest, false]);
    },
  );

  it('says that it is not when the upload failed', async () => {
    const { record, ports } = watched('publish');
    await ports.build([]);
    await ended(ports.publish(built, scanned));
    expect(record.published).toBeUndefined();
  });

  it('says what an earlier run left there, once that is verified', async () => {
    const { record, ports } = watched();
    await ports.verify(digest);
    expect([record.published, record.resumed]).toEqual([digest, true]);
    const refused = watched('verify');
    await ended(refused.ports.verify(digest));
    expect([refused.record.published, refused.record.resumed]).toEqual([undefined, false]);
  });
});
