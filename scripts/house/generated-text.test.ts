import { describe, expect, it } from 'vitest';
import { emptyBlock, replaceBlock } from './marked-block.mjs';
import { markdownTable } from './markdown-table.mjs';

describe('replaceBlock', () => {
  it('changes what is between the markers and nothing else', () => {
    const text = `before\n\n${emptyBlock('inputs')}after\n`;
    const once = replaceBlock(text, 'inputs', 'table');
    expect(once).toContain('before\n\n<!-- generated: inputs -->\n\ntable\n\n<!-- end generated -->\nafter\n');
    expect(replaceBlock(once, 'inputs', 'table')).toBe(once);
  });

  it('says which marker is missing', () => {
    expect(() => replaceBlock('text', 'inputs', 'table')).toThrow('<!-- generated: inputs -->');
  });
});

describe('markdownTable', () => {
  it('keeps a cell on one line and escapes bars', () => {
    expect(markdownTable(['a', 'b'], [['x\n  y', '1 | 2']])).toBe('| a | b |\n| --- | --- |\n| x y | 1 \\| 2 |');
  });
});
