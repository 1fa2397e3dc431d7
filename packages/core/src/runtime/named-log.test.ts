import { expect, it } from 'vitest';
import { silentLog } from './log.ts';
import { namedLog } from './named-log.ts';

it('says on every line whose it is, and keeps places', async () => {
  const said: unknown[] = [];
  const log = namedLog('base', {
    ...silentLog,
    info: (text) => void said.push(text),
    warning: (text, place) => void said.push([text, place]),
    group: () => Promise.reject(new Error('a group would swallow what others say')),
  });
  await log.group('Build', () => Promise.resolve(log.info('one\ntwo')));
  log.warning('old base', { file: 'Dockerfile', line: 1 });
  expect(said).toEqual([
    '[base] Build',
    '[base] one\n[base] two',
    ['[base] old base', { file: 'Dockerfile', line: 1 }],
  ]);
});
