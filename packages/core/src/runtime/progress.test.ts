import { expect, test } from 'vitest';
import { Transfer, type TransferState } from './progress.ts';

let time = 0;
const clock = { now: () => new Date(time), sleep: async () => {} };

/** A chunk of a thousand bytes every 600 ms. */
async function* chunks(count: number) {
  for (let sent = 0; sent < count; sent += 1) {
    time += 600;
    yield Buffer.alloc(1000);
  }
}

test('reports now and then, with rate and time left', async () => {
  const seen: TransferState[] = [];
  const transfer = new Transfer({ clock, every: 1000, report: (state) => seen.push(state) });
  transfer.expect(4000);
  const passed: number[] = [];
  for await (const chunk of transfer.count(chunks(3))) passed.push(chunk.length);
  expect(passed).toEqual([1000, 1000, 1000]);
  expect(seen).toEqual([{ moved: 2000, total: 4000, rate: 2000 / 1.2, remaining: 1.2, parts: new Map() }]);
});

test('a transfer of nothing has no rate', () => {
  const transfer = new Transfer({ clock, every: 1000, report: () => {} });
  expect(transfer.state).toEqual({ moved: 0, total: 0, rate: 0, remaining: undefined, parts: new Map() });
});

test('tells the parts apart', async () => {
  const transfer = new Transfer({ clock, every: 1000, report: () => {} });
  transfer.expect(5000);
  for (const part of ['linux/amd64', 'linux/arm64']) transfer.expect(2000, part);
  for await (const chunk of transfer.count(chunks(1), 'linux/arm64')) expect(chunk).toHaveLength(1000);
  expect([...transfer.state.parts]).toEqual([
    ['linux/amd64', { moved: 0, total: 2000 }],
    ['linux/arm64', { moved: 1000, total: 2000 }],
  ]);
  expect(transfer.state).toMatchObject({ moved: 1000, total: 9000 });
});
