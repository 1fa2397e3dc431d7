import { expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

it.each([
  [
    'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull,push"',
    [
      {
        scheme: 'bearer',
        parameters: { realm: 'https://ghcr.io/token', service: 'ghcr.io', scope: 'repository:a/b:pull,push' },
      },
    ],
  ],
  ['Basic realm="a, \\"b\\""', [{ scheme: 'basic', parameters: { realm: 'a, "b"' } }]],
  [
    'BASIC realm=x, bearer Realm="y" , service=z',
    [
      { scheme: 'basic', parameters: { realm: 'x' } },
      { scheme: 'bearer', parameters: { realm: 'y', service: 'z' } },
    ],
  ],
  [
    'Negotiate, Basic realm="x"',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  ],
  ['Negotiate', [{ scheme: 'negotiate', parameters: {} }]],
  ['', []],
  ['"nonsense"', []],
  ['Bearer realm="unfinished', [{ scheme: 'bearer', parameters: {} }]],
])('reads %s', (header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges);
});
