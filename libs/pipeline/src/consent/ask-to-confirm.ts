import { channelOfContact, contactsToConfirm, decideScope, EVERY_PURPOSE, identityKey, isRefusal, parseIdentityKey, RECIPIENT_KINDS, UNKNOWN_SUBJECT, waitingScope, type ConsentRecord, type ConsentState, type Purpose } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { InboxRecord } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { CONFIRMATION_LIFETIME_MS, CONFIRMATION_MEMORY_MS, confirmationIdOf, type ConfirmationAsk, type ConfirmationRow } from './confirmation.js';

/** One event with what it carries, after that was folded. */
export interface AskingEvent {
  person: PersonWork;
  item: InboxRecord;
  records: readonly ConsentRecord[];
}

export interface AskContext {
  configuration: WorkspaceConfiguration;
  /** Everybody this transaction works on. */
  people: readonly PersonWork[];
  now: number;
  newId(): string;
}

interface Asking {
  contact: string;
  language: string;
  purpose: Purpose;
  ask: ConfirmationAsk;
}

/** One row holds no more: who types in the same address again and again fills nothing. */
const MOST_ASKS = 20;

/**
 * Writes down whom to ask whether they agree to what events over a public channel say in their name; a worker sends the message after the commit. Nobody is asked
 * - who has agreed to it already,
 * - who has refused since the notice was shown that the event is about: what a tool repeats is not a change of mind,
 * - who was asked before for the same, unless the notice was shown anew since then.
 */
export async function askToConfirm(tx: StoreTransaction, events: readonly AskingEvent[], { configuration, people, now, newId }: AskContext): Promise<void> {
  const { workspaceId } = configuration;
  const asking = events.flatMap((event) => askingOf(event, configuration));
  if (asking.length === 0) return;
  const contacts = [...new Set(asking.map(({ contact }) => contact))];
  const states = await statesOf(tx, configuration, contacts, people, now);
  const rows = await tx.findConfirmations(contacts.map((contact) => confirmationIdOf(workspaceId, contact)));
  const written = new Map<string, ConfirmationRow>();
  for (const one of asking) {
    const { contact, language, ask } = one;
    const id = confirmationIdOf(workspaceId, contact);
    const row = written.get(id) ?? rows.get(id);
    const state = states.get(contact) ?? {};
    if (isAgreed(state, one, configuration, now) || !isNewAct(state, row, one)) continue;
    const before = (row?.asks ?? []).filter(({ purpose }) => purpose !== ask.purpose);
    if (before.length >= MOST_ASKS) continue;
    written.set(id, {
      confirmationId: id, workspaceId, identityKey: contact, asks: [...before, ask], nonce: row === undefined || row.nonce === '' || row.expiresAt <= now ? newId() : row.nonce, language, connectionId: ask.connectionId,
      dueAt: now, sentAt: (row?.sentAt ?? []).filter((at) => at > now - CONFIRMATION_LIFETIME_MS), expiresAt: now + CONFIRMATION_LIFETIME_MS, forgetAt: now + CONFIRMATION_MEMORY_MS,
    });
  }
  await tx.writeConfirmations([...written.values()]);
}

/** What is waiting of an event, per contact that it names. Without a text there is nothing to agree to. */
function askingOf({ person, item: { record, connectionId }, records }: AskingEvent, { purposes }: WorkspaceConfiguration): Asking[] {
  if (record === null) return [];
  return records.flatMap((draft) => {
    const purpose = purposes.get(draft.purpose);
    const waiting = person.consents[draft.purpose]?.[waitingScope(draft.recipients[0] ?? 'own')];
    if (draft.isUnconfirmed !== true || draft.agreementVersion === null || purpose === undefined || waiting?.waitsFor !== 'confirmation') return [];
    const { purpose: key, recipients, agreementId, agreementVersion, textHash, servedNotice, effectiveAt } = draft;
    const ask: ConfirmationAsk = {
      purpose: key, recipients, agreementId, agreementVersion, textHash, ...(servedNotice === undefined ? {} : { servedNotice }), recordId: waiting.recordId, connectionId, decidedAt: effectiveAt, isOpen: true,
    };
    const language = servedNotice?.language ?? (typeof record.context.locale === 'string' ? record.context.locale : 'en');
    return contactsToConfirm(purpose, record.identities).map((contact) => ({ contact: identityKey(contact), language, purpose, ask }));
  });
}

/** The states of whom the contacts are, as this transaction has them. */
async function statesOf(tx: StoreTransaction, configuration: WorkspaceConfiguration, contacts: readonly string[], people: readonly PersonWork[], now: number): Promise<Map<string, ConsentState>> {
  const owners = await tx.findIdentities(configuration.workspaceId, contacts);
  const stored = await loadPeople(tx, configuration, [...owners.values()], now);
  const here = new Map(people.map((person) => [person.profile.profileId, person]));
  return new Map([...owners].map(([contact, owner]) => {
    const known = stored.get(owner);
    return [contact, (here.get(known?.profile.profileId ?? owner) ?? known)?.consents ?? {}];
  }));
}

function isAgreed(state: ConsentState, { purpose, ask }: Asking, { agreements }: WorkspaceConfiguration, now: number): boolean {
  const scopes = RECIPIENT_KINDS.filter((kind) => ask.recipients.includes(kind));
  return scopes.every((scope) => decideScope({ state, subject: UNKNOWN_SUBJECT, purpose, agreements, now }, scope).isAllowed);
}

/** Whether somebody has agreed anew, as far as the notice that they were shown can tell: what refuses or was asked before is older than that notice. */
function isNewAct(state: ConsentState, row: ConfirmationRow | undefined, { contact, ask }: Asking): boolean {
  const shownAt = ask.servedNotice?.servedAt ?? -Infinity;
  const channel = channelOfContact(parseIdentityKey(contact).namespace);
  const scopes = [...ask.recipients, ...(channel === undefined ? [] : [channel])];
  const standings = scopes.flatMap((scope) => [state[ask.purpose]?.[scope], state[EVERY_PURPOSE]?.[scope]]);
  if (standings.some((standing) => standing !== undefined && isRefusal(standing.decision) && standing.effectiveAt >= shownAt)) return false;
  const earlier = row?.asks.find(({ purpose, agreementId, agreementVersion }) => purpose === ask.purpose && agreementId === ask.agreementId && agreementVersion === ask.agreementVersion);
  return earlier === undefined || shownAt > earlier.decidedAt;
}
