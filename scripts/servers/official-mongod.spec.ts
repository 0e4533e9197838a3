import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchOfficialMongod } from './official-mongod.mjs';
import { SourceUnavailable } from './source-unavailable.mjs';

describe('fetchOfficialMongod', () => {
  let dir: string;
  let site: Server;
  let archive: Buffer;
  const savedUrl = process.env.MONGOMS_DOWNLOAD_URL;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'official-'));
    mkdirSync(join(dir, 'mongodb-linux/bin'), { recursive: true });
    writeFileSync(join(dir, 'mongodb-linux/bin/mongod'), 'binary');
    execFileSync('tar', ['-czf', join(dir, 'all.tgz'), '-C', dir, 'mongodb-linux']);
    archive = readFileSync(join(dir, 'all.tgz'));
  });
  afterEach(() => {
    if (savedUrl === undefined) delete process.env.MONGOMS_DOWNLOAD_URL;
    else process.env.MONGOMS_DOWNLOAD_URL = savedUrl;
    site.closeAllConnections();
    site.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function fetchFrom(answer: RequestListener, silenceLimitMs = 10_000): Promise<string> {
    site = createServer(answer).listen(0, '127.0.0.1');
    await once(site, 'listening');
    process.env.MONGOMS_DOWNLOAD_URL = `http://127.0.0.1:${(site.address() as AddressInfo).port}/mongodb-linux-x86_64-debian12-8.0.4.tgz`;
    return fetchOfficialMongod({ target: join(dir, 'bin/mongod'), log: () => {}, silenceLimitMs });
  }
  const hashOf = (bytes: Buffer): string => `${createHash('sha256').update(bytes).digest('hex')}  mongodb.tgz\n`;
  const serve = (bytes: Buffer, hash = hashOf(bytes)): RequestListener => ({ url = '' }, response) => void response.end(url.endsWith('.sha256') ? hash : bytes);

  it('takes the binary out of the archive whose hash is the published one', async () => {
    const mongod = await fetchFrom(serve(archive));
    expect(readFileSync(mongod, 'utf8')).toBe('binary');
    expect(readdirSync(join(dir, 'bin'))).toEqual(['mongod']);
  });

  it.each<[string, () => RequestListener, number, string]>([
    ['a site that stays silent', () => () => undefined, 50, 'did not answer within 0.05 s'],
    ['a site that falls silent half-way', () => ({ url = '' }, response) => void (url.endsWith('.sha256') ? response.end(hashOf(archive)) : response.write(archive.subarray(0, 10))), 50, 'did not answer within 0.05 s'],
    ['a site that has none', () => (_request, response) => void response.writeHead(404).end(), 10_000, 'answered 404'],
    ['another file than the published one', () => serve(archive, hashOf(Buffer.from('other'))), 10_000, 'is broken (its SHA-256 is not the published one)'],
    ['a file that is no archive', () => serve(Buffer.from('none')), 10_000, 'could not be unpacked'],
    ['a connection that is cut', () => (request) => void request.socket.destroy(), 10_000, "MongoDB's own download failed"],
  ])('gives up %s with the reason, and leaves nothing behind', async (_what, answer, silenceLimitMs, reason) => {
    const failure = fetchFrom(answer(), silenceLimitMs);
    await expect(failure).rejects.toThrow(SourceUnavailable);
    await expect(failure).rejects.toThrow(reason);
    expect(readdirSync(join(dir, 'bin'))).toEqual([]);
  });
});
