import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
for (const latencyMs of [0, 5, 60]) for (const writers of [1, 6, 16]) {
  let lost = 0, writes = 0, failed = 0, t = Date.now();
  for (let round = 0; round < 6; round++) {
    const reg = await startMemoryRegistry({ referrersApi: false, latencyMs });
    const image = manifestOf('image' + round); store(reg, [image]);
    await Promise.all(Array.from({ length: writers }, async (_, i) => { await new Promise(r => setTimeout(r, Math.random() * latencyMs * 4)); await attachReferrers(connect(reg).repository, descriptorOf(image), [{ artifactType: 'x', annotations: { n: String(i) }, blobs: [] }]).catch(() => failed++); }));
    const n = (await connect(reg).repository.referrers(image.digest)).length;
    lost += writers - n; writes += reg.requests.filter(r => r.method === 'PUT' && r.reference.startsWith('sha256-')).length;
    await reg.stop();
  }
  console.log(JSON.stringify({ latencyMs, writers, lost, failed, writesPerRound: writes / 6, ms: (Date.now() - t) / 6 }));
}
