import { describe, expect, it } from 'vitest';
import { cutMarkdown } from './cut-markdown.ts';

const row = '| a row |\n';
const cut = (text: string) => cutMarkdown(text, 2_000, 'The rest is elsewhere.');

describe('cutMarkdown', () => {
  it('leaves alone what fits', () => {
    expect(cut('# short\n')).toBe('# short\n');
  });

  it.each([
    ['a collapsed section', `<details><summary>a</summary>\n\n${row.repeat(900)}</details>`, '</details>'],
    ['a fence', `\`\`\`\`diff\n\`\`\`\n<details>\n${row.repeat(900)}\`\`\`\`\n`, '````\n'],
    [
      'a fence in a section',
      `<details><summary>a</summary>\n\n~~~\n${row.repeat(900)}~~~\n</details>`,
      '~~~\n\n</details>',
    ],
    ['nothing', `\`\`\`\nx\n\`\`\`\n<details><summary>a</summary>\n\nb\n\n</details>\n${row.repeat(900)}`, '| a row |'],
  ])('closes %s that was open, and says so', (_name, text, end) => {
    const shown = cut(text);
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(2_000);
    const [body = '', pointer] = shown.split('\n_This was cut here.');
    expect(body.trimEnd().endsWith(end.trimEnd())).toBe(true);
    expect(pointer).toContain('The rest is elsewhere.');
  });

  it('makes do without a single line', () => {
    expect(cut('x'.repeat(3_000))).toContain('The rest is elsewhere.');
  });
});
