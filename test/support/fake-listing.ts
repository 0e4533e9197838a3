import { compileMapping, type JsonObject, type JsonValue } from '@firsthand/domain';
import type { SourceConnection } from '@firsthand/pipeline';
import { clearable, defineDestination, defineSource, email, poll, text, type DestinationDefinition, type RecordPage } from '@firsthand/plugin-sdk';

/** Somebody as the fake system has them. */
export interface CopyThere {
  /** The ids that the record answers to: of several, with a semicolon between, its own comes first. */
  id: string;
  /** The account here that it says it is of. */
  userId?: string;
  email?: string;
  city?: string | null;
  phone?: string;
  /** ISO 8601. */
  changedAt: string;
  /** What it says of marketing, where it says anything. */
  marketing?: boolean;
  /** And of calls. */
  calls?: boolean;
}

/** A system that holds copies of people: it is written to, asked to forget, and lists what it holds in pages of two. */
export interface FakeListing {
  rows: CopyThere[];
  writes: JsonObject[];
  erased: JsonObject[];
  /** The cursors that it was asked for. */
  asked: (string | null)[];
  /** Runs ahead of each page: throws where the system fails. */
  beforePage: (cursor: string | null) => void;
  destination: DestinationDefinition;
  /** What a source connection of it is made of. */
  source: Pick<SourceConnection, 'source' | 'mapping' | 'ownIds' | 'pluginId' | 'capability'>;
}

const PAGE = 2;
/** The ids that the system gives out. */
const ownIds = () => ({ crmId: (id: string) => id.startsWith('c-') });
const MAPPING = {
  type: { $const: 'identify' }, messageId: '{{id}}-{{changedAt}}', occurredAt: '{{changedAt}}', 'identities.userId': '{{userId}}', 'identities.crmId': '{{split id ";"}}', 'identities.email': '{{email}}', 'profile.email': '{{email}}', 'profile.city': '{{city}}', 'profile.phone': '{{phone}}',
  'profile.lastName': '{{lastName}}', 'consents.marketing': '{{marketing}}', 'consents.calls': '{{calls}}',
};

/** @example parts.destination = { destinations: { 'upsert-person': fakeListing().destination } }; */
export function fakeListing(): FakeListing {
  const copies: FakeListing = { rows: [], writes: [], erased: [], asked: [], beforePage: () => undefined, destination: undefined as unknown as DestinationDefinition, source: undefined as unknown as FakeListing['source'] };
  const indexOf = (address: JsonValue | undefined): number => copies.rows.findIndex((row) => row.email?.toLowerCase() === address);
  copies.destination = defineDestination({}, {
    label: 'People', description: 'Keeps people.', accepts: 'profile', suggests: { purpose: 'marketing', recipient: 'processor' }, idempotency: 'natural', identifiers: ['email'], ownIds, maxBatchSize: 10,
    fields: { email: email('Email', { required: true }), city: clearable(text('City')), phone: text('Phone') },
    send({ payload, now }) {
      copies.writes.push(payload as JsonObject);
      const index = indexOf(payload.email);
      const before: CopyThere = copies.rows[index] ?? { id: `made-${copies.writes.length}`, changedAt: '' };
      const after = { ...before, ...payload, changedAt: new Date(now).toISOString() } as CopyThere;
      if (index === -1) copies.rows.push(after);
      else copies.rows[index] = after;
      return Promise.resolve();
    },
    erase({ items }) {
      for (const { payload } of items) {
        copies.erased.push(payload as JsonObject);
        copies.rows = copies.rows.filter((_, index) => index !== indexOf(payload.email));
      }
      return Promise.resolve(items.map(() => ({ ok: true })));
    },
    listRecords: {
      source: 'people',
      page({ cursor }): Promise<RecordPage> {
        copies.asked.push(cursor);
        copies.beforePage(cursor);
        const from = Number(cursor ?? 0);
        const next = from + PAGE;
        return Promise.resolve({ records: structuredClone(copies.rows.slice(from, next)) as unknown as JsonValue[], next: next < copies.rows.length ? String(next) : null });
      },
    },
  }) as unknown as DestinationDefinition;
  const source = defineSource({}, {
    label: 'People', description: 'People.', emits: [], sample: { id: '1' }, mapping: MAPPING, trigger: poll({ everySeconds: 300, poll: () => Promise.resolve({ records: [], cursor: null, hasMore: false }) }),
  });
  copies.source = { source: source as unknown as SourceConnection['source'], mapping: compileMapping(MAPPING), ownIds: ownIds(), pluginId: 'sink', capability: 'people' };
  return copies;
}
