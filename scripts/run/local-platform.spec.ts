import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPlace, parsePort, reachableName } from './local-platform.mjs';

describe('claimPlace', () => {
  let made: string;
  let dataDir: string;
  beforeEach(() => { dataDir = made = mkdtempSync(join(tmpdir(), 'claim-')); });
  afterEach(() => rmSync(made, { recursive: true, force: true }));
  const claim = (env: Record<string, string>, undo: (() => void)[] = []) =>
    claimPlace({ dataDir, env, defer: (step: () => void) => { undo.push(step); }, log: () => {} });

  it('refuses a busy port with the way out', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(claim({ PORT: String(port) })).rejects.toThrow(`port ${port} is in use. Stop the program that holds it, or choose another one: PORT=${port + 1} npm start.`);
    server.close();
  });

  it('refuses an address that is not of this machine', async () => {
    await expect(claim({ PORT: String(await freePort()), HOST: '192.0.2.1' })).rejects.toThrow('HOST is "192.0.2.1", which is no address of this machine (EADDRNOTAVAIL).');
  });

  it('says where nothing can be written', async () => {
    writeFileSync(join(dataDir, 'file'), '');
    dataDir = join(dataDir, 'file', 'data');
    await expect(claim({})).rejects.toThrow(`${dataDir} cannot be written (ENOTDIR).`);
  });

  it('refuses a second run in the same folder until the first one is over', async () => {
    const undo: (() => void)[] = [];
    const env = { PORT: '0' };
    await expect(claim(env)).rejects.toThrow('PORT is "0"');
    const free = { PORT: String(await freePort()) };
    await claim(free, undo);
    await expect(claim(free)).rejects.toThrow(`Firsthand already runs from this folder (pid ${process.pid})`);
    undo.forEach((step) => step());
    await expect(claim(free)).resolves.toMatchObject({ port: Number(free.PORT) });
  });
});

describe('parsePort', () => {
  it.each([[undefined, 3000], ['', 3000], ['8080', 8080]])('reads %j as %d', (text, port) => {
    expect(parsePort(text)).toBe(port);
  });

  it.each(['abc', '0', '65536', '80.5', '-1'])('refuses %j', (text) => {
    expect(() => parsePort(text)).toThrow(`PORT is "${text}", which is no port`);
  });
});

describe('reachableName', () => {
  it.each([['0.0.0.0', '127.0.0.1'], ['::', '127.0.0.1'], ['::1', '[::1]'], ['10.1.2.3', '10.1.2.3']])('%s is reached at %s', (address, name) => {
    expect(reachableName(address)).toBe(name);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
