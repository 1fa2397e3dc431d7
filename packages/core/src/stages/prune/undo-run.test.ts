import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '../../runtime/log.ts';
import { fileJournal, noJournal, readJournal } from './journal.ts';
import { undoFailure, undoRun, type UndoneRun } from './undo-run.ts';

const PACKAGE = 'ghcr.io/acme/app';
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-journal-'));
  file = path.join(folder, 'below', 'journal.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

function scene(options: { restoreTags?: boolean } = {}) {
  const at = new PruneScene(options);
  at.retention = { channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }] };
  at.journal = fileJournal(file, { package: PACKAGE, now: () => at.clock.now() });
  at.shapes.image('kept', { tags: ['v1'] });
  const old = at.shapes.multiPlatform('old', { tags: ['dev-1', 'dev-2'] });
  const signature = at.shapes.image('sig', { tags: [fallbackTag(old.index, '.sig')] });
  at.wait(10);
  return { at, old, signature };
}

async function undone(at: PruneScene): Promise<UndoneRun> {
  const { planes, clock } = at;
  const items = await readJournal(file, PACKAGE);
  return undoRun(items, { versions: planes, manifests: planes, clock, journal: noJournal, log: silentLog });
}

it.each([true, false])('brings back a whole run, parts first, with its tags (GitHub does: %s)', async (restoreTags) => {
  const { at, old, signature } = scene({ restoreTags });
  const before = new Map(at.state.tags);
  expect((await at.prune()).deleted).toHaveLength(6);
  const order: string[] = [];
  at.planes.hook = (request, id) => {
    if (request === 'restore') order.push(at.state.versions.get(Number(id))?.digest ?? '');
  };
  const run = await undone(at);
  expect([run.restored.length, run.lost, undoFailure(run)]).toEqual([6, [], undefined]);
  expect(order.at(-1)).toBe(old.index);
  expect(order.slice(0, -1).toSorted()).toEqual([...old.children, signature].toSorted());
  expect(at.whole(old.index)).toBe(true);
  expect(new Map(at.state.tags)).toEqual(before);
});

it('does the same when it is asked twice, or stopped in between', async () => {
  const { at, old } = scene();
  await at.prune();
  let left = 3;
  at.planes.hook = (request) => {
    left -= request === 'restore' ? 1 : 0;
    if (left < 0) throw new Error('killed');
  };
  await expect(undone(at)).rejects.toThrow('killed');
  at.planes.hook = undefined;
  const second = await undone(at);
  expect([second.restored.length, second.present.length]).toEqual([3, 3]);
  expect((await undone(at)).present).toHaveLength(6);
  expect(at.whole(old.index)).toBe(true);
});

it('leaves a tag alone that points elsewhere by now, and takes what was pushed again for present', async () => {
  const { at, old } = scene({ restoreTags: false });
  await at.prune();
  const other = at.shapes.image('other', { tags: ['dev-1'] });
  at.shapes.multiPlatform('old');
  const run = await undone(at);
  expect([run.moved, run.retagged.includes('dev-2'), run.present.length]).toEqual([['dev-1'], true, 5]);
  expect([at.state.tags.get('dev-1'), at.state.tags.get('dev-2')]).toEqual([other, old.index]);
});

it('says what GitHub does not bring back any more', async () => {
  const { at } = scene();
  await at.prune();
  at.wait(31);
  const run = await undone(at);
  expect([run.restored, run.lost.length, undoFailure(run)?.code]).toEqual([[], 6, 'prune-damage']);
});

it('takes a deletion without an answer for one that may have happened, and a torn last line for none', async () => {
  const { at, old } = scene();
  const planned = await at.plan();
  let deletes = 0;
  at.planes.hook = (request) => {
    deletes += request === 'delete' ? 1 : 0;
    if (deletes > 2) throw new Error('killed');
  };
  await at.apply(planned);
  at.planes.hook = undefined;
  await appendFile(file, '{"at":"2026-06-11T00:00:00.000Z","package":"ghcr');
  expect(await readJournal(file, PACKAGE)).toHaveLength(3);
  const run = await undone(at);
  expect([run.restored.length, run.present.length, at.whole(old.index)]).toEqual([2, 1, true]);
});

it.each([
  ['of another package', (text: string) => text.replace('acme/app', 'acme/other')],
  ['with a line that is none', (text: string) => `{}\n${text}`],
  ['that is no journal', () => '\u0000\n'],
  ['that is one line without an end', () => '{}'],
  ['that is empty', () => ''],
])('refuses a journal %s', async (_what, change) => {
  const { at } = scene();
  await at.prune();
  await writeFile(file, change(await readFile(file, 'utf8')));
  await expect(readJournal(file, PACKAGE)).rejects.toMatchObject({ code: 'input-invalid' });
});

it('refuses a journal that is not there', async () => {
  await expect(readJournal(file, PACKAGE)).rejects.toMatchObject({ code: 'file-unreadable' });
});
