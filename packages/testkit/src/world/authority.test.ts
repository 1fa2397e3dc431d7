import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:https';
import { expect, test } from 'vitest';
import { createAuthority } from './authority.ts';
import { portOf } from './ports.ts';

test('an authority issues certificates that TLS clients accept', async () => {
  const authority = createAuthority('test authority');
  const issued = authority.issue(['127.0.0.1', 'localhost']);
  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);

  const server = createServer({ cert: issued.certificate, key: issued.key }, (_request, response) =>
    response.end('ok'),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const request = get({ host: '127.0.0.1', port: portOf(server.address()), ca: authority.certificate, agent: false });
  const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(200);
  server.close();
});
