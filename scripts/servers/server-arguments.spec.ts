import { lastMongodError, mongodArguments } from './start-mongo.mjs';
import { valkeyArguments } from './start-valkey.mjs';
import { lastTellingLine } from './wheel-binary.mjs';

const place = { port: 27117, dbDir: '/data/db', logFile: '/data/log' };
const pairs = (args: string[]) => Object.fromEntries(args.map((arg, index) => [arg, args[index + 1]]));

describe('how the servers are started', () => {
  it('mongod: a replica set on the loopback only, without JavaScript', () => {
    const args = mongodArguments({ ...place, cacheSizeGB: 1 });
    expect(pairs(args)).toMatchObject({ '--replSet': 'rs0', '--bind_ip': '127.0.0.1', '--port': '27117', '--dbpath': '/data/db' });
    expect(args).toContain('--noscripting');
  });

  it('mongod: the journal stays on', () => {
    expect(mongodArguments({ ...place, cacheSizeGB: 1 }).join(' ')).not.toMatch(/journal/i);
    expect([true, false].map((hasTtlMonitor) => mongodArguments({ ...place, cacheSizeGB: 1, hasTtlMonitor }).includes('ttlMonitorEnabled=false'))).toEqual([false, true]);
  });

  it('Valkey: on the loopback only, append-only file on, nothing evicted', () => {
    expect(pairs(valkeyArguments(place))).toMatchObject({ '--bind': '127.0.0.1', '--appendonly': 'yes', '--maxmemory-policy': 'noeviction' });
  });
});

describe('why something failed, in one line', () => {
  it('takes the last error out of the log of mongod', () => {
    const line = (s: string, msg: string, attr = {}) => JSON.stringify({ s, msg, attr });
    const log = [line('I', 'starting'), line('E', 'first'), line('E', 'Failed to set up listener', { error: { errmsg: 'Address already in use' } }), line('F', 'Fatal assertion'), line('F', '\n\n***aborting after fassert() failure\n\n'), line('I', 'bye')];
    expect(lastMongodError(`${log.join('\n')}\n`)).toBe('Failed to set up listener: Address already in use');
  });

  it.each([
    ['WARNING: old\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n  got x\n', 'THESE PACKAGES DO NOT MATCH THE HASHES'],
    ['ERROR: Could not find a version that satisfies x (from versions: none)\nERROR: No matching distribution found for x', 'the package index cannot be reached, or does not have it'],
    ['Traceback (most recent call last):\nzipfile.BadZipFile: File is not a zip file\n', 'zipfile.BadZipFile: File is not a zip file'],
    ['', 'no reason given'],
  ])('reads %j as %j', (output, reason) => {
    expect(lastTellingLine(output)).toBe(reason);
  });
});
