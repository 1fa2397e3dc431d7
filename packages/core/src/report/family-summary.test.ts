import { describe, expect, it } from 'vitest';
import type { Digest } from '../oci/digest.ts';
import { familyPage, familySummary, type MemberSummary } from './family-summary.ts';
import type { PipelineSummary, StageRow } from './pipeline-summary.ts';

const STAGES: readonly StageRow['stage'][] = ['build', 'scan', 'publish', 'sign', 'verify', 'tag'];
const digestOf = (name: string) => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}` as Digest;

/** @param until - the stage that failed, or the last one that was done when none did */
function member(name: string, until: StageRow['stage'], more: Partial<MemberSummary> & { failed?: boolean } = {}) {
  const { failed = false, needs = [], ...rest } = more;
  const end = STAGES.indexOf(until);
  const stages = STAGES.map((stage, index): StageRow => {
    const reached = index < end ? 'done' : failed ? 'failed' : 'done';
    return { stage, result: index <= end && rest.stoppedBy === undefined ? reached : 'skipped', detail: '' };
  });
  const run: PipelineSummary = {
    image: `ghcr.io/acme/${name}`,
    version: 'main',
    digest: digestOf(name),
    resumed: false,
    stages,
    platforms: [],
    pullable: true,
    tags: until === 'tag' && !failed ? [{ name: 'main', class: 'moving', action: 'create' }] : [],
    commands: [],
    policy: 'the defaults',
  };
  return { name, needs, ...rest, run } satisfies MemberSummary;
}

const headlineOf = (...members: readonly MemberSummary[]) => familySummary(members).split('\n')[0];

describe('the summary of a family', () => {
  it('says which digest each image stands on', () => {
    const markdown = familySummary([member('base', 'tag'), member('app', 'tag', { needs: ['base'] })]);
    const row = markdown.split('\n').find((line) => line.includes('**app**'));
    expect(row).toContain(digestOf('base').slice(0, 19));
    expect(row).toContain(digestOf('app'));
    expect(markdown).toContain('2 images are published, signed, verified and tagged');
  });

  it('names what stopped it, and what was not built because of that', () => {
    const base = member('base', 'scan', { failed: true });
    const markdown = familySummary([base, member('app', 'build', { needs: ['base'], stoppedBy: 'base' })]);
    expect(markdown).toContain('nothing was uploaded');
    expect(markdown.split('\n').find((line) => line.includes('**app**'))).toContain('not built, because of base');
    expect(markdown.indexOf('<details>')).toBeGreaterThan(markdown.indexOf('stopped at scan'));
  });

  it.each([
    ['no tag was moved', [member('base', 'publish'), member('app', 'sign', { failed: true })]],
    ['built and scanned', [member('base', 'scan'), member('app', 'scan')]],
    ['published by digest, signed and verified', [member('base', 'verify'), member('app', 'verify')]],
    ['published by digest', [member('base', 'publish'), member('app', 'publish')]],
  ] as const)('says in its first line: %s', (words, members) => {
    expect(headlineOf(...members)).toContain(words);
  });

  it('marks the tags that wait for a later job', () => {
    const base = member('base', 'verify');
    const pending = [{ name: 'edge', class: 'moving' }] as const;
    const rows = familySummary([{ ...base, run: { ...base.run, pending } }]).split('\n');
    expect(rows.find((line) => line.includes('**base**'))).toContain('`edge` (pending)');
  });

  it('is one page with a drawing of what stands on what, and of the way of each', () => {
    const html = familyPage([member('base', 'tag'), member('app', 'tag', { needs: ['base'] })]);
    expect(html.match(/<svg class="diagram"/g)).toHaveLength(3);
    expect(html).not.toMatch(/<(?:script|link|img|iframe)\b/);
  });
});

it('draws the trends of each image on the page, and writes them in the summary', () => {
  const trends = { tag: 'main', releases: [{ digest: digestOf('a'), name: '1.0.0', size: 7 }], runs: [], notes: [] };
  const told = ['a', 'b'].map((name) => {
    const plain = member(name, 'tag');
    return { ...plain, run: { ...plain.run, trends } };
  });
  expect(familyPage(told).match(/<svg class="bars"/g)).toHaveLength(2);
  expect(familySummary(told)).not.toContain('<svg');
  expect(familySummary(told).match(/\| Size, all platforms \|/g)).toHaveLength(2);
});
