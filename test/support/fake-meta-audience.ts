import { invalidParameter, isObject } from './fake-meta-problem.js';
import type { VendorAnswer } from './vendor-server.js';

const MAX_ROWS = 10_000;
const STRONG = new Set(['EXTERN_ID', 'EMAIL', 'PHONE', 'MADID']);
const COLUMNS = new Set([...STRONG, 'GEN', 'DOBY', 'DOBM', 'DOBD', 'LN', 'FN', 'FI', 'CT', 'ST', 'ZIP', 'COUNTRY', 'LOOKALIKE_VALUE']);
const UNHASHED = new Set(['EXTERN_ID', 'MADID', 'LOOKALIKE_VALUE']);
const PAYLOAD_KEYS = new Set(['schema', 'data', 'is_raw', 'app_ids', 'page_ids', 'ig_account_ids', 'data_source']);
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** A fake custom audience of the customer file kind, with the rules of its `users` edge. */
export class FakeMetaAudience {
  /** One set of identifying hashes per person. */
  readonly people: Set<string>[] = [];
  /** Rows with one of these values count as invalid. */
  readonly invalidValues = new Set<string>();

  constructor(private readonly audienceId: string) {}

  isMember(hash: string): boolean {
    return this.people.some((person) => person.has(hash));
  }

  change(method: string, { payload, session, ...rest }: Record<string, unknown>): VendorAnswer {
    const unknown = Object.keys(rest)[0];
    if (unknown !== undefined) throw invalidParameter(`Unknown parameter ${unknown}`);
    if (session !== undefined && !isSession(session)) throw invalidParameter('Invalid session');
    const { schema, rows } = readPayload(payload);
    const valid = rows.filter((row) => this.isValid(schema, row));
    for (const row of valid) {
      const hashes = schema.flatMap((column, at) => (STRONG.has(column) && row[at] !== '' ? [String(row[at])] : []));
      if (method === 'POST') this.add(hashes);
      else this.remove(hashes);
    }
    const samples = rows.filter((row) => !valid.includes(row)).slice(0, 5).map((row, at) => [String(at), String(row[0])]);
    return {
      status: 200,
      json: {
        audience_id: this.audienceId, session_id: '2451836198430915684', num_received: rows.length, num_invalid_entries: rows.length - valid.length,
        invalid_entry_samples: Object.fromEntries(samples),
      },
    };
  }

  private isValid(schema: readonly string[], row: readonly unknown[]): boolean {
    const isSomebody = schema.some((column, at) => STRONG.has(column) && row[at] !== '');
    const isHashed = schema.every((column, at) => row[at] === '' || UNHASHED.has(column) || SHA256_HEX.test(String(row[at])));
    return isSomebody && isHashed && !row.some((value) => this.invalidValues.has(String(value)));
  }

  private add(hashes: readonly string[]): void {
    const known = this.people.find((person) => hashes.some((hash) => person.has(hash)));
    if (known === undefined) this.people.push(new Set(hashes));
    else for (const hash of hashes) known.add(hash);
  }

  private remove(hashes: readonly string[]): void {
    const kept = this.people.filter((person) => !hashes.some((hash) => person.has(hash)));
    this.people.splice(0, this.people.length, ...kept);
  }
}

function readPayload(payload: unknown): { schema: string[]; rows: unknown[][] } {
  if (!isObject(payload)) throw invalidParameter('payload is required');
  const unknown = Object.keys(payload).find((key) => !PAYLOAD_KEYS.has(key));
  if (unknown !== undefined) throw invalidParameter(`Unknown payload key ${unknown}`);
  const { schema, data } = payload;
  const columns = Array.isArray(schema) ? schema : [String(schema).replace(/_SHA256$/, '')];
  if (columns.length === 0 || !columns.every((column) => typeof column === 'string' && COLUMNS.has(column))) throw invalidParameter('Invalid schema');
  if (new Set(columns).size !== columns.length) throw invalidParameter('A column stands twice in the schema');
  if (!Array.isArray(data) || data.length === 0 || data.length > MAX_ROWS) throw invalidParameter(`data must have 1 to ${MAX_ROWS} rows`);
  const rows = data.map((row) => (Array.isArray(row) ? row : [row]));
  if (rows.some((row) => row.length !== columns.length || row.some((value) => typeof value !== 'string' && typeof value !== 'number'))) throw invalidParameter('A row does not fit the schema');
  return { schema: columns as string[], rows };
}

function isSession(session: unknown): boolean {
  return isObject(session) && Number.isInteger(session.session_id) && Number.isInteger(session.batch_seq) && typeof session.last_batch_flag === 'boolean';
}
