import fc from 'fast-check';
import { hearSaid } from './hear-said.js';
import { differenceOf, noteWritten, settleWrite, UNKNOWN_FIELD, type SyncField } from './sync-state.js';

/** What happens: people edit here and there, the lane sends, answers get lost, and what the system tells comes in any order, also twice. */
type Step =
  | { do: 'edit-here' | 'edit-there'; value: string }
  | { do: 'send'; request: 'confirmed' | 'answer-lost' | 'lost' | 'refused' }
  | { do: 'answer' }
  | { do: 'tell'; which: number; again: boolean };

const value = fc.constantFrom('a', 'b', 'c');
const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('edit-here' as const, 'edit-there' as const), value }),
  fc.record({ do: fc.constant('send' as const), request: fc.constantFrom('confirmed' as const, 'confirmed' as const, 'answer-lost' as const, 'lost' as const, 'refused' as const) }),
  fc.constant({ do: 'answer' as const }),
  fc.record({ do: fc.constant('tell' as const), which: fc.nat(5), again: fc.boolean() }),
);

/** One field of one person, here and in a system whose clock is wrong. */
class World {
  private now = 1_000_000;
  private field: SyncField = UNKNOWN_FIELD;
  private there = '';
  private readonly claims = { here: { value: '', at: 0 }, there: { value: '', at: 0 } };
  private told: { value: string; at: number }[] = [];
  private isDue = false;
  private flight: { deliveryId: string; request: 'confirmed' | 'answer-lost' | 'lost' | 'refused' } | null = null;
  writes = 0;
  causes = 0;

  constructor(private readonly skewMs: number) {}

  private get winner(): string {
    const { here, there } = this.claims;
    return there.at > here.at ? there.value : here.value;
  }

  take(step: Step): void {
    this.now += 1_000;
    if (step.do === 'edit-here') {
      this.claims.here = { value: step.value, at: this.now };
      this.causes += 1;
      this.isDue = true;
    }
    if (step.do === 'edit-there') {
      this.there = step.value;
      this.causes += 1;
      this.tell();
    }
    if (step.do === 'send') this.send(step.request);
    if (step.do === 'answer') this.answer();
    if (step.do === 'tell') this.hear(step.which, step.again);
  }

  private tell(): void {
    this.told.push({ value: this.there, at: this.now + this.skewMs });
  }

  private send(request: 'confirmed' | 'answer-lost' | 'lost' | 'refused'): void {
    if (!this.isDue || this.flight !== null) return;
    const { difference, field } = differenceOf(this.field, this.winner, this.now, { ruleId: 'r', between: ['x', 'y'] });
    this.field = field;
    this.isDue = false;
    if (difference !== 'differs') return;
    const deliveryId = `d${this.writes += 1}`;
    this.field = noteWritten(this.field, { digest: this.winner, deliveryId, at: this.now });
    this.flight = { deliveryId, request };
    if (request === 'lost' || request === 'refused') return;
    if (this.there !== this.winner) {
      this.there = this.winner;
      this.tell();
    }
  }

  private answer(): void {
    if (this.flight === null) return;
    const { deliveryId, request } = this.flight;
    this.flight = null;
    this.field = settleWrite(this.field, deliveryId, request === 'confirmed' ? 'arrived' : request === 'refused' ? 'refused' : 'unclear');
    // A retry; a refused one is tried again by whoever mends it.
    if (request === 'confirmed') return;
    this.causes += 1;
    this.isDue = true;
  }

  private hear(which: number, again: boolean): void {
    const [said] = this.told.splice(which % Math.max(1, this.told.length), 1);
    if (said === undefined) return;
    if (again) this.told.push(said);
    const { heard, field } = hearSaid(this.field, { digest: said.value, at: said.at, now: this.now });
    this.field = field;
    if ((heard === 'edit' || heard === 'late') && said.at >= this.claims.there.at) this.claims.there = { value: said.value, at: said.at };
    if (heard === 'unclear' || this.field.held === null) this.causes += 1;
    if (heard !== 'echo' && this.field.held !== this.winner) this.isDue = true;
  }

  settle(): void {
    for (let round = 0; round < 200 && (this.told.length > 0 || this.isDue || this.flight !== null); round += 1) {
      this.now += 1_000;
      this.answer();
      this.hear(0, false);
      this.send('confirmed');
    }
  }

  get isQuiet(): boolean {
    return this.told.length === 0 && !this.isDue && this.flight === null;
  }

  get isEqual(): boolean {
    return this.field.stopped !== undefined || (this.there === this.winner && (this.winner === '' || this.field.held === this.winner));
  }
}

it.each([0, 180_000, -180_000])('comes to rest equal or stopped, with no more writes than causes; the system’s clock is %d ms off', (skewMs) => {
  fc.assert(fc.property(fc.array(someStep, { maxLength: 40, size: 'max' }), (steps) => {
    const world = new World(skewMs);
    for (const step of steps) world.take(step);
    world.settle();
    expect(world.isQuiet).toBe(true);
    expect(world.isEqual).toBe(true);
    expect(world.writes).toBeLessThanOrEqual(world.causes);
  }), { numRuns: 1_500 });
});
