import { expect, it } from 'vitest';
import { developmentTags } from './development-tags.ts';

it('names a development image as such, and promises nothing about it', () => {
  const tags = developmentTags({
    commit: 'sha-1',
    version: 'fix',
    tags: [
      { name: 'sha-1', class: 'immutable', source: 'commit' },
      { name: 'fix', class: 'moving', source: 'branch' },
      { name: 'latest', class: 'moving', source: 'flavor' },
      { name: 'dev-x', class: 'moving', source: 'entry' },
    ],
    unpushed: [],
    warnings: [],
  });
  expect([tags.commit, tags.version]).toEqual(['dev-sha-1', 'dev-fix']);
  expect(tags.tags.map(({ name, class: kind }) => `${name} ${kind}`)).toEqual([
    'dev-sha-1 moving',
    'dev-fix moving',
    'dev-x moving',
  ]);
});
