/**
 * Has the copy of one person made by the worker that the host has, and reads both files back, in a process of its own: a spec starts it under a small heap.
 *
 * node --max-old-space-size=96 test/support/copy-person.mjs <database> <workspace> <profile>
 */
import { createHash, randomBytes } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { createSigner } from '@firsthand/access';
import { createDictionary } from '@firsthand/domain';
import { connectStore, createConfigurationRepository, createPersonExportStore } from '@firsthand/persistence';
import { createPersonExportWorker, orderPersonExport } from '@firsthand/pipeline';
import { writeExport } from '../../apps/host/dist/person-export/write-export.js';

const [databaseName, workspaceId, profileId] = process.argv.slice(2);
const silent = () => undefined;
const { connection, collections, close } = await connectStore({ uri: process.env.MONGODB_URI, databaseName, log: { info: silent, warn: silent } });
const exports = createPersonExportStore(connection);
const unconfigured = { workspaceId, sources: new Map(), destinations: new Map(), purposes: new Map(), agreements: new Map(), segments: [], flow: silent, dictionary: createDictionary(), sensitivePaths: [], ownerRank: () => 0 };
const source = {
  collections, configuration: { workspace: () => unconfigured }, repository: createConfigurationRepository(connection), publicUrl: 'https://data.example.com', clock: Date.now, operatorDays: { quarantine: null, deliveries: null },
  signer: await createSigner(randomBytes(32)),
};

/** What a file holds: its events by the numbers that the spec gave them. */
async function read(exportId, file) {
  const hash = createHash('sha256');
  const decoder = new TextDecoder();
  const found = { format: file.format, bytes: 0, isAsNoted: false, events: 0, sum: 0 };
  let rest = '';
  for await (const piece of exports.readFile(exportId, file)) {
    hash.update(piece);
    found.bytes += piece.length;
    const text = rest + decoder.decode(piece, { stream: true });
    const end = text.lastIndexOf('\n');
    rest = text.slice(end + 1);
    for (const [, number] of text.slice(0, end + 1).matchAll(/number-(\d+)-of-many/g)) {
      found.events += 1;
      found.sum += Number(number);
    }
  }
  return { ...found, isAsNoted: hash.digest('hex') === file.sha256 && found.bytes === file.bytes };
}

const { exportId } = await orderPersonExport({ workspaceId, profileId, orderId: 'large', requestId: null, language: 'en' }, { exports, clock: Date.now });
await createPersonExportWorker({ exports, write: (row, format) => writeExport(source, row, format), announce: async () => ({}), clock: Date.now, log: { warn: (fields) => console.error(fields) } }).tick();
const { state, files } = await exports.find(workspaceId, exportId);
const contents = [];
for (const file of files) contents.push(await read(exportId, file));
console.log(JSON.stringify({ state, files: contents }));
await close();
