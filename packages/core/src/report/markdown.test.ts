import { describe, expect, it } from 'vitest';
import { code, codeBlock, details, escape, link, sections, table } from './markdown.ts';

describe('markdown', () => {
  it('escapes what would be markup, also in a table cell', () => {
    expect(escape('a|b <img src=x> [x](y) `c` *d*\n_e_')).toBe(
      'a\\|b &lt;img src=x&gt; \\[x\\](y) \\`c\\` \\*d\\*<br>\\_e\\_',
    );
  });

  it('fences code longer than any fence inside', () => {
    expect(code('a``b')).toBe('```a``b```');
    expect(code('`x')).toBe('`` `x ``');
    expect(code('a|b')).toBe('`a\\|b`');
    expect(codeBlock('```\nout')).toBe('````\n```\nout\n````');
  });

  it('links only to the web', () => {
    expect(link('run', 'https://x.test/1')).toBe('[run](https://x.test/1)');
    expect(link('run', 'javascript:alert(1)')).toBe('run');
  });

  it('makes tables, or nothing when there are no rows', () => {
    expect(table(['Tag', { heading: 'Size', align: 'right' }], [['a', '1'], ['b']])).toBe(
      '| Tag | Size |\n| :--- | ---: |\n| a | 1 |\n| b |  |',
    );
    expect(table(['Tag'], [])).toBe('');
  });

  it('leaves empty parts out and escapes the summary of details', () => {
    expect(sections('a', undefined, '', 'b')).toBe('a\n\nb');
    expect(details('<b>', 'x')).toBe('<details><summary>&lt;b&gt;</summary>\n\nx\n\n</details>');
  });
});
