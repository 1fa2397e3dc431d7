import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp } from './http.ts';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const http = createHttp();
const authorization = 'Bearer secret';

describe('redirects', () => {
  it('go to another host without credentials', async () => {
    const seen: unknown[] = [];
    const target = await serve((request, response) => {
      seen.push(request.headers.authorization, request.headers.accept);
      response.end('there');
    });
    const origin = await serve((_request, response) => response.writeHead(307, { location: target.href }).end());
    const response = await http.request({ url: origin, method: 'GET', headers: { authorization, accept: 'a/b' } });
    expect(await response.text()).toBe('there');
    expect(seen).toEqual([undefined, 'a/b']);
    expect(response.url.href).toBe(target.href);
  });

  it('stay on the host with credentials', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/next' }).end();
      else response.end(request.headers.authorization);
    });
    const response = await http.request({
      url: origin,
      method: 'GET',
      headers: { authorization },
      redirect: 'same-host',
    });
    expect(await response.text()).toBe(authorization);
  });

  it('are handed over when the mode does not follow them', async () => {
    const origin = await serve((_request, response) =>
      response.writeHead(303, { location: 'http://example.invalid/' }).end(),
    );
    expect((await http.request({ url: origin, method: 'GET', redirect: 'same-host' })).status).toBe(303);
    expect((await http.request({ url: origin, method: 'GET', redirect: 'manual' })).status).toBe(303);
    expect((await http.request({ url: origin, method: 'POST' })).status).toBe(303);
  });

  it('end', async () => {
    const origin = await serve((_request, response) => response.writeHead(302, { location: '/' }).end());
    await expect(http.request({ url: origin, method: 'GET' })).rejects.toThrow('redirects');
  });
});

describe('bodies', () => {
  it('are streamed up with their length', async () => {
    const origin = await serve(async (request, response) => {
      let size = 0;
      for await (const chunk of request) size += (chunk as Buffer).length;
      response.end(
        JSON.stringify({
          size,
          length: request.headers['content-length'],
          chunked: request.headers['transfer-encoding'],
        }),
      );
    });
    async function* body() {
      for (let i = 0; i < 4; i += 1) yield Buffer.alloc(100_000, i);
    }
    const response = await http.request({ url: origin, method: 'PUT', body, headers: { 'content-length': '400000' } });
    expect(await response.json()).toEqual({ size: 400_000, length: '400000' });
  });

  it('fail when the stream that feeds them fails', async () => {
    const origin = await serve((request) => request.resume());
    async function* body() {
      yield Buffer.alloc(10);
      throw new Error('source broke');
    }
    await expect(
      http.request({ url: origin, method: 'PUT', body, headers: { 'content-length': '20' } }),
    ).rejects.toThrow('source broke');
  });

  it('fail when they end early', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('short', () => response.socket?.destroy());
    });
    const response = await http.request({ url: origin, method: 'GET' });
    await expect(response.text()).rejects.toThrow();
  });

  it('fail when they are longer than allowed', async () => {
    const origin = await serve((_request, response) => response.end('0123456789'));
    await expect((await http.request({ url: origin, method: 'GET' })).text(5)).rejects.toThrow('longer than 5 bytes');
  });

  it('can be thrown away, also when they break', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('short', () => response.socket?.destroy());
    });
    const response = await http.request({ url: origin, method: 'GET' });
    await expect(response.discard()).resolves.toBeUndefined();
  });
});

it('rejects with the reason of its signal', async () => {
  const origin = await serve(() => {});
  const controller = new AbortController();
  const pending = http.request({ url: origin, method: 'GET', signal: controller.signal });
  controller.abort(new Error('stop'));
  await expect(pending).rejects.toThrow('stop');
});
