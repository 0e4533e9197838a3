import type { InboxDocument, InboxStore, MergeRow, StoreTransaction } from '@firsthand/pipeline';
import { readBlock } from '@firsthand/pipeline';
import { LedgerModel, type ModelQuestion } from '../consent-model/ledger-model.js';
import type { Recorded, RecordedMessage } from '../consent-model/recorded.js';
import { mergesAfter, noteCall, type Attempt, type Process, type Watch } from '../consent-model/process.js';
import { SINGLES } from '../consent-model/scene.js';
import type { Backend } from '../consent-model/world.js';
import { PURPOSE_RULES } from './scene.js';

/** On what a delivery was allowed: how much was recorded then, and what along with it. */
type Ground = Pick<ModelQuestion, 'own' | 'now'> & { known: readonly number[] };

/** What was recorded of the people of a history, in the order of the commits, and what their consents come to by the model that the histories of consents are held to. */
export class Records {
  readonly model = new LedgerModel(PURPOSE_RULES);
  /** Records as sources send them, by their id: who they are of, and what they carry. */
  readonly messages = new Map<string, RecordedMessage>();
  /** People who were made one and are, the latest last. */
  merges: MergeRow[] = [];
  /** Whether there was ever a merge. */
  wereOne = false;
  /** Told of a process' commits. */
  readonly onCommitted = new Map<Process, (attempt: Attempt) => void>();
  readonly watch: Watch;
  private readonly inboxes = new Map<string, string[]>();
  private readonly attempts = new WeakMap<StoreTransaction, Attempt>();
  private readonly grounds = new Map<string, Ground>();

  constructor(private readonly backend: Backend, clock: () => number) {
    this.model.recorded.push({ kind: 'limits', singles: SINGLES });
    const isTold = backend.onCommit !== undefined;
    this.watch = {
      clock, known: () => this.model.recorded.length, begun: (tx, attempt) => void this.attempts.set(tx, attempt), called: noteCall,
      ended: (attempt) => { if (!isTold) this.committed(attempt); },
    };
    backend.onCommit?.((tx) => {
      const attempt = this.attempts.get(tx);
      if (attempt !== undefined) this.committed(attempt);
    });
  }

  /** An inbox of which it is known which records its documents hold. */
  inboxOf(inbox: InboxStore): InboxStore {
    return {
      ...inbox,
      append: (documents: readonly InboxDocument[]) => {
        for (const { inboxId, records } of documents) this.inboxes.set(inboxId, records.map(({ raw }) => (raw as { messageId: string }).messageId));
        return inbox.append(documents);
      },
    };
  }

  /** Whether somebody's data may go to a kind of recipient, by all that is recorded. */
  mayGo(who: Pick<ModelQuestion, 'key' | 'purpose' | 'recipient' | 'now'>): boolean {
    return this.model.mayGo({ ...who, known: this.model.recorded.length, own: [] }).isAllowed;
  }

  /** Whether a request of this process under this delivery rests on a decision that was right by what was recorded when it was made. */
  isCovered(process: Process, deliveryId: string, who: Pick<ModelQuestion, 'key' | 'purpose' | 'recipient'>): boolean {
    const ground = this.grounds.get(`${process.name}|${deliveryId}`);
    if (ground === undefined) return false;
    return ground.known.some((known) => {
      const { isSure, isAllowed } = this.model.mayGo({ ...who, now: ground.now, own: ground.own, known });
      return isAllowed || !isSure;
    });
  }

  /** Whether a message had been taken in for certain when a request of this process under this delivery was decided. */
  hadHeard(process: Process, deliveryId: string, messageId: string): boolean {
    const known = this.grounds.get(`${process.name}|${deliveryId}`)?.known ?? [];
    const at = this.model.recorded.findIndex((entry) => entry.kind === 'messages' && entry.messages.some((message) => message.messageId === messageId));
    return at !== -1 && known.every((count) => count > at);
  }

  /** Whether two are one person by all that is recorded. */
  isOne(one: string, other: string): boolean {
    return one === other || this.model.isSamePerson(`userId|${one}`, `userId|${other}`);
  }

  private committed(attempt: Attempt): void {
    attempt.knownAtCommit = this.model.recorded.length;
    const messages = attempt.finishedInbox.flatMap((inboxId) => this.inboxes.get(inboxId) ?? []).flatMap((messageId) => this.messages.get(messageId) ?? []);
    const own: Recorded[] = messages.length === 0 ? [] : [{ kind: 'messages', recordedAt: attempt.startedAt, messages }];
    this.model.recorded.push(...own);
    // Elsewhere it is not known which of two was recorded first.
    const known = this.backend.isExact ? [attempt.known] : [attempt.known, attempt.knownAtCommit];
    for (const { evaluatedAt, ...block } of attempt.blocks) {
      for (const { deliveryId, isAllowed } of readBlock(block).evidence) if (isAllowed) this.grounds.set(`${attempt.process.name}|${deliveryId}`, { known, own, now: evaluatedAt });
    }
    this.merges = mergesAfter(this.merges, attempt);
    this.wereOne ||= attempt.merges.length > 0;
    this.onCommitted.get(attempt.process)?.(attempt);
  }
}
