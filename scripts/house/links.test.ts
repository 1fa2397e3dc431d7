import { describe, expect, it } from 'vitest';
import { anchors, localLinks } from './links.mjs';

describe('links', () => {
  it('are those to other places of the repository', () => {
    const text = 'See [a](b.md#c), [web](https://example.com), ![d](../e.png).\n\n```md\n[not](this)\n```\n';
    expect(localLinks(text)).toEqual(['b.md#c', '../e.png']);
  });

  it('lead to headings by the names that GitHub gives them', () => {
    expect(anchors('# One thing, or two?\n\n## `scan-failed`\n\n```sh\n# a comment\n```\n')).toEqual([
      'one-thing-or-two',
      'scan-failed',
    ]);
  });
});
