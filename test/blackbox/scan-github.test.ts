import { errorCode, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { packageLock } from '@plimsoll/testkit/scan/subjects';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;
let unsafe: string;
let safe: string;

beforeAll(async () => {
  bed = await ScanWorld.start();
  unsafe = (await bed.subjects.unsafeImage()).directory;
  safe = (await bed.subjects.safeImage()).directory;
});
afterAll(() => bed.world.close());

describe('the cache of the repository', () => {
  it('keeps the databases, also when the gate is closed, and serves a machine that has none', async () => {
    const { cache } = bed.world.github;
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0') });
    const job = (name: string) =>
      bed.scan({
        inputs: { layout: unsafe },
        env: { ...cache.variables(), RUNNER_TOOL_CACHE: bed.world.lifetime.folder('tool-cache', name) },
        source,
      });
    expect(errorCode(await job('one'))).toBe('scan-failed');
    const stored = cache.entries.map(({ key }) => key);
    expect(stored).toHaveLength(2);
    expect(errorCode(await job('two'))).toBe('scan-failed');
    expect(cache.entries.map(({ key }) => key)).toEqual(stored);
  });
});

describe('pr-comment', () => {
  const pull = {
    event: { ...pushEvent(), pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } } } },
    env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' },
  };

  it('is off unless asked for', async () => {
    await bed.scan({ inputs: { layout: safe }, ...pull });
    expect(bed.world.github.comments.all).toEqual([]);
  });

  it('keeps one comment up to date, whatever the outcome', async () => {
    const inputs = { image: 'ghcr.io/acme/app', 'pr-comment': 'true' };
    expect(errorCode(await bed.scan({ inputs: { ...inputs, layout: unsafe }, ...pull }))).toBe('scan-failed');
    const [comment] = bed.world.github.comments.all;
    expect(comment?.body).toContain('Scan failed');
    expect(errorCode(await bed.scan({ inputs: { ...inputs, layout: safe }, ...pull }))).toBeUndefined();
    expect(bed.world.github.comments.all).toHaveLength(1);
    expect(bed.world.github.comments.all[0]?.body).toContain('Scan passed');
  });

  it('is kept up to date when GitHub refuses the SARIF file of a good scan', async () => {
    const { codeScanning, comments } = bed.world.github;
    const inputs = { image: 'ghcr.io/acme/refused', 'pr-comment': 'true', 'upload-sarif': 'true' };
    await bed.scan({ inputs: { ...inputs, layout: unsafe }, ...pull });
    codeScanning.refuses = 'invalid';
    const run = await bed.scan({ inputs: { ...inputs, layout: safe }, ...pull });
    codeScanning.refuses = undefined;
    expect(errorCode(run)).toBe('sarif-rejected');
    expect(comments.all.find(({ body }) => body.includes('acme/refused'))?.body).toContain('Scan passed');
  });

  it('without the permission is a warning, and the verdict stays', async () => {
    bed.world.github.comments.readOnly = true;
    const run = await bed.scan({ inputs: { layout: safe, 'pr-comment': 'true' }, ...pull });
    bed.world.github.comments.readOnly = false;
    expect(errorCode(run)).toBeUndefined();
    expect(run.annotations.find(({ level }) => level === 'warning')?.message).toContain('pull-requests: write');
  });
});
