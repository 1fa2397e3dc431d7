import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../runtime/log.ts';
import { fileOutputs } from './outputs.ts';
import { Secrets } from './secrets.ts';
import { fileSummary } from './summary.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'summary-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const noSecrets = () => new Secrets(() => {});

describe('fileSummary', () => {
  it('stays under 1 MiB, cuts at a line and points to the log', () => {
    const file = path.join(dir, 'summary');
    const overflow: string[] = [];
    const summary = fileSummary(file, { secrets: noSecrets(), overflow: (text) => overflow.push(text) });
    const row = `${'é'.repeat(49)}\n`;
    summary.append('# Title');
    summary.append(row.repeat(20_000));
    summary.append('later');
    const text = readFileSync(file, 'utf8');
    expect(statSync(file).size).toBeLessThanOrEqual(1024 * 1024);
    expect(text).toContain('The rest is in the log');
    expect(text).not.toContain('\ufffd');
    expect(
      text
        .slice(9)
        .split('\n\n_')[0]
        ?.split('\n')
        .filter(Boolean)
        .every((line) => line.length === 49),
    ).toBe(true);
    expect(overflow.at(-1)).toContain('later');
    expect(text).not.toContain('later');
  });

  it('closes what it cuts', () => {
    const file = path.join(dir, 'summary');
    const summary = fileSummary(file, { secrets: noSecrets(), overflow: () => {} });
    summary.append(`<details><summary>a</summary>\n\n\`\`\`\n${'line\n'.repeat(300_000)}`);
    expect(readFileSync(file, 'utf8')).toMatch(/line\n```\n\n<\/details>\n\n\n_The summary is longer/);
  });

  it('works without a file', () => {
    const summary = fileSummary(undefined, { secrets: noSecrets(), overflow: () => {} });
    expect(() => summary.append('x')).not.toThrow();
  });
});

describe('fileOutputs', () => {
  it('cannot be made to set another output', () => {
    const file = path.join(dir, 'output');
    fileOutputs(file, { log: silentLog, secrets: noSecrets() }).set('tags', 'a\nEOF\nevil=1');
    expect(readFileSync(file, 'utf8')).toMatch(/^tags<<(plimsoll-\S+)\na\nEOF\nevil=1\n\1\n$/);
  });

  it('warns of an output that the runner would drop', () => {
    const warnings: string[] = [];
    const secrets = noSecrets();
    secrets.mask('token-value');
    const log = { ...silentLog, warning: (text: string) => void warnings.push(text) };
    fileOutputs(path.join(dir, 'output'), { log, secrets }).set('x', 'a token-value b');
    expect(warnings).toHaveLength(1);
  });
});
