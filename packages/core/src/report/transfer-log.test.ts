import { expect, test } from 'vitest';
import { transferLog } from './transfer-log.ts';

test('a transfer tells a terminal ten times a second, and writes no line', async () => {
  let time = 0;
  const told: unknown[] = [];
  const clock = { now: () => new Date(time), sleep: async () => {} };
  const log = { info: (line: string) => told.push(line), live: (news: unknown) => told.push(news) };
  const transfer = transferLog({ clock, log });
  transfer.expect(3_000_000, 'linux/amd64');
  async function* chunks() {
    for (let sent = 0; sent < 3; sent += 1) {
      time += 60;
      yield Buffer.alloc(1_000_000);
    }
  }
  for await (const chunk of transfer.count(chunks())) expect(chunk).toHaveLength(1_000_000);
  expect(told).toEqual([
    expect.objectContaining({ kind: 'transfer', moved: 2_000_000, total: 3_000_000, remaining: 0.06 }),
  ]);
});

test('a transfer says every five seconds how far it is, and each platform', async () => {
  let time = 0;
  const lines: string[] = [];
  const clock = { now: () => new Date(time), sleep: async () => {} };
  const transfer = transferLog({ clock, log: { info: (line) => lines.push(line) } });
  transfer.expect(6_000_000, 'linux/amd64');
  async function* chunks() {
    for (let sent = 0; sent < 6; sent += 1) {
      time += 2_000;
      yield Buffer.alloc(1_000_000);
    }
  }
  let moved = 0;
  for await (const chunk of transfer.count(chunks(), 'linux/amd64')) moved += chunk.length;
  expect(moved).toBe(6_000_000);
  expect(lines).toEqual([
    '3.0 MB of 6.0 MB, 500.0 kB/s, 6.0 s left (linux/amd64 50 %)',
    '6.0 MB of 6.0 MB, 500.0 kB/s, 0.0 s left (linux/amd64 100 %)',
  ]);
});
