import { describe, expect, it } from 'vitest';
import { code, codeBlock, details, escape, link, sections, table } from './markdown.ts';

describe('markdown', () => {
  it('escapes what would be markup, also in a table cell', () => {
    expect(escape('a|b <img src=x> [x](y) `c` *d*\n_e_')).toBe(
      'a\\|b &lt;img src=x&gt; \\[x\\](y) \\`c\\` \\*d\\*<br>\\_e\\_',
    );
  });

  it.each(['\r', '\r\r', '\r\n', '\n', '\v', '\f', '\u0085', '\u2028', '\u2029'])('lets no %j end the line', (end) => {
    const text = `a${end}## b${end}.pem`;
    expect(escape(text)).toBe('a<br>#<!-- -->#<!-- --> b<br>.pem');
    expect(code(text)).toBe('`a ## b .pem`');
    expect(details(text, 'x')).toContain('<summary>a ## b .pem</summary>');
    expect(link(text, 'https://x.test')).toBe('[a<br>#<!-- -->#<!-- --> b<br>.pem](https://x.test)');
    expect(codeBlock(text).split(/[\r\v\f\u0085\u2028\u2029]/)).toHaveLength(1);
    expect(link('run', `https://x.test/${end}`)).toBe('run');
  });

  it('shows control characters', () => {
    expect(code('\u001b[2J')).toBe('`␛[2J`');
    expect(escape('\u202e')).toBe('\\[U+202E\\]');
  });

  it.each([
    ['@name', '@<!-- -->name'],
    ['acme/app#1', 'acme/app#<!-- -->1'],
    ['gh-12', 'gh-<!-- -->12'],
    ['GHSA-1', 'GHSA-1'],
    ['https://github.com/a/b/issues/1', 'https://github.com/a/b/issues/<!-- -->1'],
    ['https://github.com/a_b/c/pull/2', 'https://github.com/a\\_b/c/pull/<!-- -->2'],
    ['https://github.com/a/b', 'https://github.com/a/b'],
  ])('tells nobody of %s', (text, shown) => {
    expect(escape(text)).toBe(shown);
  });

  it('keeps a link in its cell', () => {
    expect(link('a', 'https://x.test/?q=1|2')).toBe('[a](https://x.test/?q=1%7C2)');
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
