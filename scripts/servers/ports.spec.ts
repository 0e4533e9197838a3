import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { isPortFree, pickPort } from './ports.mjs';

describe('ports', () => {
  it('knows a busy port from a free one, and picks another in its place', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await isPortFree(port, '127.0.0.1')).toBe(false);
    expect(await pickPort(port)).not.toBe(port);
    server.close();
    await once(server, 'close');
    expect(await isPortFree(port, '127.0.0.1')).toBe(true);
    expect(await pickPort(port)).toBe(port);
  });
});
