import type { JsonValue } from '@firsthand/domain';
import { RetryableError, type SendItem } from '@firsthand/plugin-sdk';
import { identify } from './pipeline-story.js';
import type { Received, World } from './pipeline-world.js';

type Contact = Record<string, JsonValue>;

/** How a fake system deals with what it gets. */
export interface CopyHabits {
  /** What it makes of a value that it is told. */
  reformat?: (field: string, value: JsonValue) => JsonValue;
  /** Whether an answer is lost although the write arrives. */
  losesAnswer?: () => boolean;
}

/** A system that holds copies of contacts by their address, and tells what its users change, and what it was told, as records of a source. */
export class FakeCopies {
  readonly contacts = new Map<string, Contact>();
  private readonly untold: JsonValue[] = [];
  private messages = 0;

  /** @param source the connection that its records come through */
  constructor(private readonly world: World, private readonly source: string, private readonly habits: CopyHabits = {}) {}

  /** Takes what was written; to be called from the world's script. */
  take({ payload }: Pick<SendItem<Received['payload']>, 'payload'>): Error | undefined {
    const { email, ...given } = payload;
    const values = Object.fromEntries(Object.entries(given).map(([field, value]) => [field, value === null ? '' : (this.habits.reformat?.(field, value) ?? value)]));
    this.set(String(email), values);
    return this.habits.losesAnswer?.() === true ? new RetryableError('No answer.') : undefined;
  }

  /** Somebody changes a contact in the system itself. */
  edit(email: string, values: Contact): void {
    this.set(email, values);
  }

  private set(email: string, values: Contact): void {
    this.contacts.set(email, { ...this.contacts.get(email), ...values });
    this.untold.push(this.recordOf(email));
  }

  private recordOf(email: string): JsonValue {
    const values = Object.fromEntries(Object.entries(this.contacts.get(email) ?? {}).map(([field, value]) => [field, value === '' ? null : value]));
    return identify(this.world, `${this.source}-${email}-${this.messages += 1}`, '', { ...values, email }, { userId: null, timestamp: new Date(this.world.clock.now).toISOString() });
  }

  /** Sends what it has not told yet, as webhooks would; `order` may hold some back or repeat them. */
  async tell(order: (records: JsonValue[]) => JsonValue[] = (records) => records): Promise<void> {
    const records = order(this.untold.splice(0));
    if (records.length > 0) await this.world.track(records, { connectionId: this.source, isVerified: true });
    await this.world.settle();
  }

  /** What a poll reads: a contact as it is now. */
  async poll(email: string): Promise<void> {
    await this.world.track([this.recordOf(email)], { connectionId: this.source, isVerified: true });
    await this.world.settle();
  }
}
