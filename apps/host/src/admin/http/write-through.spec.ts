import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeThrough } from './write-through.js';

const LINE = 'x'.repeat(100_000);

/** A reader that has the beginning of an answer and holds back, and what is written to it. */
async function slowReader(write: (response: ServerResponse) => Promise<void>): Promise<{ read: IncomingMessage; done: Promise<unknown>; close(): void }> {
  let done: Promise<unknown> = Promise.resolve();
  const server = createServer((_request, response) => { done = write(response).catch((error: unknown) => error); }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const read = await new Promise<IncomingMessage>((resolve) => get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }, resolve));
  return { read, done, close: () => server.close() };
}

describe('an answer that is written through', () => {
  it('makes the next line when the system has taken the one before, however slowly it is read', async () => {
    let [made, left] = [0, 0];
    let answer: ServerResponse | undefined;
    const { read, done, close } = await slowReader(async (response) => {
      answer = response;
      for (; made < 300; made += 1) {
        left = Math.max(left, response.writableLength);
        await writeThrough(response, LINE);
      }
      response.end();
    });
    // What the system takes at once it has taken by the next turns: what is still there waits for the reader.
    for (let [turns, seen] = [0, -1]; turns < 100; turns = made === seen && (answer?.writableLength ?? 0) > 0 ? turns + 1 : 0) {
      seen = made;
      await new Promise(setImmediate);
    }
    expect([left, made > 0, made < 300]).toEqual([0, true, true]);
    let length = 0;
    for await (const piece of read) length += (piece as Buffer).length;
    expect([await done, length, left]).toEqual([undefined, 300 * LINE.length, 0]);
    close();
  });

  it('fails where the reader has gone away', async () => {
    const { read, done, close } = await slowReader(async (response) => { for (let made = 0; made < 1_000; made += 1) await writeThrough(response, LINE); });
    read.destroy();
    expect(await done).toBeInstanceOf(Error);
    close();
  });
});
