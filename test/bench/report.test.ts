import { describe, expect, it } from 'vitest';
import { type Figure, isOk, median } from './figure.ts';
import { interleave } from './harness.ts';
import { jsonLine, table } from './report.ts';

const figure: Figure = {
  bench: 'copy',
  figure: 'time',
  unit: 'ms',
  ours: 50,
  peer: { name: 'regctl', value: 100 },
  ratioLimit: 0.6,
};

describe('a figure', () => {
  it('is held to its limit and to its ratio', () => {
    expect(isOk(figure)).toBe(true);
    expect(isOk({ ...figure, ours: 61 })).toBe(false);
    expect(isOk({ ...figure, limit: 49 })).toBe(false);
  });

  it('becomes one line of JSON', () => {
    expect(JSON.parse(jsonLine(figure))).toEqual({
      bench: 'copy',
      figure: 'time',
      ours: 50,
      peer: 100,
      peer_name: 'regctl',
      ratio: 0.5,
      limit: 0.6,
      ok: true,
      unit: 'ms',
    });
  });

  it('has a row that people can read', () => {
    expect(table([figure, { bench: 'copy', figure: 'size', unit: 'bytes', ours: 2_345_678, limit: 2_000_000 }])).toBe(
      [
        'figure             ours             peer  ratio            limit',
        'time              50 ms  100 ms (regctl)   0.50        ratio 0.6  ok',
        'size    2,345,678 bytes                          2,000,000 bytes  OVER THE LIMIT',
      ].join('\n'),
    );
  });
});

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('interleave', () => {
  it('takes turns, and does not count the first round', async () => {
    const order: string[] = [];
    let round = 0;
    const medians = await interleave(
      {
        ours: () => Promise.resolve(order.push('ours') && (round === 0 ? 1000 : 1)),
        peer: () => Promise.resolve(order.push('peer') && (round++ === 0 ? 1000 : 2)),
      },
      3,
    );
    expect(medians).toEqual({ ours: 1, peer: 2 });
    expect(order.join(' ')).toBe('ours peer ours peer ours peer ours peer');
  });
});
