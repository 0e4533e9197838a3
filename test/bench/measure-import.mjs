import { Readable } from 'node:stream';
import { request } from 'undici';
import { contactsFile } from './contacts-file.mjs';
import { residentMemory } from './process-figures.mjs';

const TIMEOUT_MS = 30 * 60_000;

/**
 * Streams a file of contacts that is made up on the way to `POST /import`, and counts until the host has answered: every row is stored then.
 * @returns {Promise<{ megabytes: number, rows: number, accepted: number, refused: number, seconds: number, rowsPerSecond: number, megabytesPerSecond: number, peakRssMb: number | null }>}
 */
export async function measureImport({ host, importKey, connectionId, megabytes }) {
  const { chunks, made } = contactsFile({ bytes: megabytes * 1024 * 1024, tooWideEvery: 1_000 });
  const begin = performance.now();
  const answer = await request(`${host.url}/import/${connectionId}`, {
    method: 'POST', headers: { 'content-type': 'text/csv', authorization: `Basic ${btoa(`${importKey}:`)}` }, body: Readable.from(chunks), headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS,
  });
  const { rows, accepted, refused } = await answer.body.json();
  if (answer.statusCode !== 200) throw new Error(`the import was answered with ${answer.statusCode}`);
  if (rows !== made.rows || refused !== made.tooWide || accepted !== rows - refused) throw new Error(`of ${made.rows} rows, ${made.tooWide} of them too wide, ${accepted} were accepted and ${refused} refused`);
  const seconds = (performance.now() - begin) / 1000;
  return {
    megabytes, rows, accepted, refused, seconds: +seconds.toFixed(1), rowsPerSecond: Math.round(rows / seconds), megabytesPerSecond: +(megabytes / seconds).toFixed(1),
    peakRssMb: (await residentMemory(host.pid))?.peakMb ?? null,
  };
}
