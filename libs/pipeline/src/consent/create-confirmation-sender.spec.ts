import type { StoreTransaction } from '../ports/store.js';
import { MOST_PER_SOURCE, type ConfirmationRow } from './confirmation.js';
import { createConfirmationSender } from './create-confirmation-sender.js';

const ROW: ConfirmationRow = {
  confirmationId: 'w|email|a@example.com', workspaceId: 'w', identityKey: 'email|a@example.com', nonce: 'n', language: 'en', connectionId: 'web', dueAt: 1, sentAt: [], expiresAt: 9e12, forgetAt: 9e12,
  asks: [{ purpose: 'newsletter', recipients: ['own'], agreementId: 'a', agreementVersion: 1, textHash: 'h', recordId: 'r', connectionId: 'web', decidedAt: 1, isOpen: true }],
};

/** One row in memory, of a source that has had so many messages sent. */
function twin(sentBySource: number) {
  const held = { row: ROW };
  const tx = {
    findConfirmations: () => Promise.resolve(new Map([[ROW.confirmationId, held.row]])), writeConfirmations: ([row]: ConfirmationRow[]) => Promise.resolve(void (held.row = row ?? held.row)),
    findIdentities: () => Promise.resolve(new Map()), findProfiles: () => Promise.resolve(new Map()), findConsentStates: () => Promise.resolve(new Map()), findConsentRecords: () => Promise.resolve([]),
    findConsentRecordsById: () => Promise.resolve([{ recordId: 'r', identityKey: 'anonymousId|d' }]),
  } as unknown as StoreTransaction;
  return {
    held,
    store: {
      transaction: <T>(work: (one: StoreTransaction) => Promise<T>) => work(tx), countConfirmations: () => Promise.resolve(sentBySource),
      findDueConfirmations: (now: number) => Promise.resolve(held.row.dueAt !== null && held.row.dueAt <= now ? [held.row] : []),
    },
  };
}
const log = { warn: () => undefined };

it('lets a source that has asked too many people in an hour wait, and loses nobody', async () => {
  let [now, sent] = [1_000, 0];
  const { store, held } = twin(MOST_PER_SOURCE);
  const sender = (of: typeof store) => createConfirmationSender({ store: of, clock: () => now, log, isConfigured: true, send: () => Promise.resolve(void (sent += 1)) });
  await sender(store).tick();
  expect([sent, held.row.sentAt, (held.row.dueAt ?? 0) > now]).toEqual([0, [], true]);
  now += 3_600_000;
  await sender({ ...store, countConfirmations: () => Promise.resolve(MOST_PER_SOURCE - 1) }).tick();
  expect([sent, held.row.sentAt, held.row.dueAt]).toEqual([1, [now], null]);
});

it('leaves what waits as it is while nothing can be sent', async () => {
  const { store, held } = twin(0);
  await createConfirmationSender({ store, clock: () => 1_000, log, isConfigured: false, send: () => Promise.reject(new RangeError('never called')) }).tick();
  expect(held.row).toBe(ROW);
});

it('is under a lease while a message is handed over', async () => {
  let sent = 0;
  const { store } = twin(0);
  const other = createConfirmationSender({ store, clock: () => 1_000, log, isConfigured: true, send: () => Promise.resolve(void (sent += 1)) });
  // The other process looks while this one sends.
  await createConfirmationSender({ store, clock: () => 1_000, log, isConfigured: true, send: async () => { sent += 1; await other.tick(); } }).tick();
  expect(sent).toBe(1);
});
