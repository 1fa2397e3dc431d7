import { expect, test } from 'vitest';
import { transferLog } from './transfer-log.ts';

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
