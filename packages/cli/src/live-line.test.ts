import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Doing, liveLine } from './live-line.ts';
import { canDraw, LiveScreen } from './live-screen.ts';

const transfer = {
  kind: 'transfer',
  moved: 412_000_000,
  total: 1_200_000_000,
  rate: 96_300_000,
  remaining: 8.2,
} as const;
const publish: Doing = { stage: 'publish', elapsed: 4_300, transfer };
const plain = (width: number, doing = publish) => liveLine(doing, { width, colour: false, frame: 0 });

describe('the line that says what is under way', () => {
  it.each([
    [120, `⠋ publish ${'█'.repeat(10)}${'░'.repeat(20)} 34 % 412.0 MB of 1.2 GB 96.3 MB/s 8.2 s left`],
    [80, `⠋ publish ${'█'.repeat(8)}${'░'.repeat(16)} 34 % 412.0 MB of 1.2 GB 96.3 MB/s 8.2 s left`],
    [60, `⠋ publish ${'█'.repeat(5)}${'░'.repeat(10)} 34 % 412.0 MB of 1.2 GB 96.3 MB/s`],
    [40, `⠋ publish ${'█'.repeat(8)}${'░'.repeat(16)} 34 %`],
    [24, '⠋ publish ███░░░░░ 34 %'],
    [14, '⠋ publish'],
  ])('in %i columns is %s', (width, line) => {
    expect(plain(width)).toBe(line);
  });

  it.each(Array.from({ length: 120 }, (_none, width) => width + 1))('never fills %i columns', (width) => {
    expect(plain(width).length).toBeLessThan(width);
    expect(plain(width, { stage: 'scan', elapsed: 200_000 }).length).toBeLessThan(width);
  });

  it('tells the time where nothing moves', () => {
    expect(plain(80, { stage: 'scan', elapsed: 12_300 })).toBe('⠋ scan 12.3 s');
  });

  it('is full at the end, also when something was sent twice or there was nothing to send', () => {
    expect(plain(80, { ...publish, transfer: { ...transfer, moved: 2_000_000_000 } })).toContain(' 100 % ');
    expect(plain(80, { ...publish, transfer: { ...transfer, moved: 0, total: 0 } })).toContain(' 100 % ');
  });

  it('has the same words in colour', () => {
    const coloured = liveLine(publish, { width: 80, colour: true, frame: 0 });
    expect(coloured).not.toBe(plain(80));
    expect(stripVTControlCharacters(coloured)).toBe(plain(80));
  });
});

describe('a screen', () => {
  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { TERM: 'dumb' }, false],
    [{ isTTY: true }, { CI: 'true' }, false],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
  ])('%o with %o can be drawn on: %s', (screen, env, drawn) => {
    expect(canDraw({ ...screen, write: () => true }, env)).toBe(drawn);
  });

  it('keeps whole lines above the one that moves, and leaves nothing of that', () => {
    let text = '';
    const screen = new LiveScreen(
      { isTTY: true, columns: 40, write: (more: string) => (text += more) },
      { stage: 'promote', env: { NO_COLOR: '1' } },
    );
    screen.tell({ kind: 'stage', name: 'copy' });
    screen.tell(transfer);
    screen.say('a line of the log');
    screen.end();
    const drawings = text.split('\r\u001b[K');
    expect(drawings).toContain('a line of the log\n');
    expect(drawings).toContainEqual(expect.stringMatching(/^. copy .*34 %/));
    expect(drawings.at(-1)).toBe('');
    expect(text.replaceAll('\r\u001b[K', '')).not.toContain('\u001b');
  });
});
