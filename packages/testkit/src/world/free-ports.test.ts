import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { Daemon } from './daemon.ts';
import { servedOnFreePorts } from './free-ports.ts';
import { Lifetime } from './lifetime.ts';
import { portOf } from './ports.ts';

const JSON_HEADER = { 'content-type': 'application/json' };
const PROGRAM = `
  const answer = (_request, response) => response.writeHead(200, ${JSON.stringify(JSON_HEADER)}).end('{}');
  require('node:http').createServer(answer).listen(Number(process.argv[1]), '127.0.0.1');
`;

test('what a stranger answers on a port that was taken is not taken for the program, which gets another', async () => {
  const lifetime = new Lifetime();
  const stranger = createServer((_request, response) => response.writeHead(200, JSON_HEADER).end('{}'));
  await once(stranger.listen(0, '127.0.0.1'), 'listening');
  const taken = portOf(stranger.address());
  const tried: number[] = [];
  const start = ([free = 0]: readonly number[]) => {
    const port = tried.length === 0 ? taken : free;
    tried.push(port);
    return new Daemon(lifetime, { name: 'server', command: process.execPath, args: ['-e', PROGRAM, String(port)] });
  };

  const port = await servedOnFreePorts('/', { count: 1, start });
  expect(tried).toEqual([taken, port]);
  expect(port).not.toBe(taken);

  await lifetime.close();
  stranger.close();
});
