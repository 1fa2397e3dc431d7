import { describe, expect, it } from 'vitest';
import { RunnerLog } from './runner-log.ts';
import { Secrets } from './secrets.ts';

function start() {
  const lines: string[] = [];
  const secrets = new Secrets(() => {});
  return { lines, secrets, log: new RunnerLog({ write: (line) => lines.push(line) }, secrets) };
}

describe('RunnerLog', () => {
  it('annotates a place, with everything escaped', () => {
    const { log, lines } = start();
    log.error('100%\nsure: yes', { file: 'a,b:c', line: 3 });
    expect(lines).toEqual(['::error file=a%2Cb%3Ac,line=3::100%25%0Asure: yes']);
  });

  it('gives ten annotations of each kind, and the rest as plain lines', () => {
    const { log, lines } = start();
    for (let i = 0; i < 12; i++) log.warning(`w${i}`, { file: 'f', line: i + 1 });
    log.notice('n');
    expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(10);
    expect(lines.slice(10)).toEqual(['warning: f:11: w10', 'warning: f:12: w11', '::notice::n']);
  });

  it('cuts a message where the runner would', () => {
    const { log, lines } = start();
    log.error('x'.repeat(5000));
    expect(lines[0]).toHaveLength('::error::'.length + 4096);
  });

  it('does not let text from a tool give commands', () => {
    const { log, lines } = start();
    log.info('  ::add-mask::a\nok ::not-a-command::\n##[error]x');
    expect(lines[0]).not.toMatch(/^\s*::/m);
    expect(lines[0]).not.toContain('##[');
    expect(lines[0]).toContain('ok ::not-a-command::');
  });

  it('shows what would work unseen, and leaves colours', () => {
    const { log, lines } = start();
    log.info('bad\rgood\u001b[2K \u001b[1;32mok\u001b[0m\r::add-mask::a');
    expect(lines).toEqual(['bad\ngood␛[2K \u001b[1;32mok\u001b[0m\n:\u200b:add-mask::a']);
  });

  it('strikes secrets out', () => {
    const { log, lines, secrets } = start();
    secrets.maskCredential({ username: 'bob', password: 'pa55word' });
    log.info(`bob pa55word ${Buffer.from('bob:pa55word').toString('base64')}`);
    expect(lines).toEqual(['bob *** ***']);
  });

  it('closes a group also when its body throws, and does not nest', async () => {
    const { log, lines } = start();
    const inner = () => log.group('inner', () => Promise.reject(new Error('no')));
    await expect(log.group('outer', inner)).rejects.toThrow('no');
    expect(lines).toEqual(['::group::outer', 'inner', '::endgroup::']);
  });
});
