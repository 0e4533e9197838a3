import { ECHO_MS } from '@firsthand/domain';
import type { Backend } from '../consent-model/world.js';
import { idOf, plainly, type Written } from './copy.js';
import { differences } from './differences.js';
import { EMAILS, PEOPLE, SKEW_MS, SYSTEMS, VALUES, type Step } from './steps.js';
import { SyncWorld, type PlaySyncOptions, type Worker } from './world.js';

/** What came of a history. */
export interface PlayedSync {
  /** What was promised and not kept; empty when all was. */
  broken: string[];
  /** Fields that go to and fro and are written no more until somebody looks. */
  stopped: number;
  writes: readonly Written[];
}

/** Waited for at the end until nothing is left to do: leases, breakers and retries are over then. */
const QUIET_MS = [11_000, 61_000, 600_000, ...Array.from({ length: 12 }, () => 7_200_000)];

async function playStep(world: SyncWorld, step: Step): Promise<void> {
  switch (step.kind) {
    case 'edit': {
      const values = VALUES[step.field];
      const value = values[step.value % values.length] ?? null;
      if (step.where === 'web') await world.hear('web', { userId: step.who, values: { [step.field]: value }, at: world.now }, world.newId(), { carries: step.carries });
      else if (!world.copies[step.where].edit(step.who, step.field, value, world.now)) return;
      world.edits.push({ who: step.who, field: step.field, where: step.where, value: plainly(step.field, value), at: world.now + (step.where === 'web' ? 0 : SKEW_MS[step.where]) });
      // It may have to be written to each system, and to the one where it was made if it is overruled there.
      world.reasons += SYSTEMS.length * (step.where === 'web' && step.carries !== null ? 2 : 1);
      world.listReasons += SYSTEMS.length * ((step.field === 'city' && value !== null ? 1 : 0) + (step.carries === true ? 1 : 0));
      return;
    }
    case 'delete':
      if (!world.copies[step.system].remove(step.who, world.now)) return;
      // It may be made again, and is made whole when users of the system begin it anew; until both are heard nobody knows what is there.
      world.reasons += 2;
      world.doubts += 2;
      return;
    case 'hear': {
      const { webhooks } = world.copies[step.system];
      const at = step.pick % Math.max(1, webhooks.length);
      const [webhook] = step.again ? webhooks.slice(at, at + 1) : webhooks.splice(at, 1);
      if (webhook !== undefined) await world.hear(step.system, webhook, idOf(step.system, webhook));
      return;
    }
    case 'poll': {
      const snapshot = world.copies[step.system].snapshot(step.who, world.now);
      world.polled.add(`${step.system} ${step.who}`);
      if (snapshot !== undefined) await world.hear(step.system, snapshot, world.newId());
      return;
    }
    case 'link':
      world.joinReasons(1);
      return world.hear('web', { userId: step.who, values: {}, at: world.now - step.agoMs }, world.newId(), { email: EMAILS[step.email] });
    case 'erase': return world.erase(step.who);
    case 'unmerge': return world.unmerge();
    case 'settle': return world.settleLinks(step.pick);
    case 'decide': return world.decide(step);
    case 'work': {
      const worker = world.workers[step.worker];
      worker.process.arm(step.interruptions);
      await world.work(worker);
      worker.process.arm([]);
      return;
    }
    case 'answer':
      world.copies[step.system].answers = [...step.answers];
      return;
    case 'wait':
      if (step.ms >= ECHO_MS) world.loseTrack();
      world.now += step.ms;
  }
}

function raiseTheDead(world: SyncWorld): void {
  world.workers = world.workers.map((worker, index) => {
    if (!worker.process.isDead) return worker;
    // It may have written what nobody knows of now, to each system for everybody.
    world.reasons += SYSTEMS.length * PEOPLE.length;
    world.doubts += SYSTEMS.length * PEOPLE.length;
    world.listReasons += SYSTEMS.length * PEOPLE.length;
    return world.newWorker(index);
  }) as [Worker, Worker];
}

/**
 * Lets a history happen, until nothing is left to do, and holds the copies against each other and the profiles.
 *
 * @example const { broken } = await playSync(steps, memoryBackend(seed), { seed });
 */
export async function playSync(steps: readonly Step[], backend: Backend, options: PlaySyncOptions = {}): Promise<PlayedSync> {
  const world = new SyncWorld(backend, options);
  for (const step of steps) {
    world.now += 1_000;
    await playStep(world, step);
    await world.settled();
    raiseTheDead(world);
  }
  for (const copy of Object.values(world.copies)) copy.answers = [];
  for (const [round, ms] of QUIET_MS.entries()) {
    for (const system of SYSTEMS) {
      const { webhooks } = world.copies[system];
      for (const webhook of webhooks.splice(0)) await world.hear(system, webhook, idOf(system, webhook));
    }
    world.now += ms;
    await world.work(world.workers[round % 2] as Worker);
    raiseTheDead(world);
  }
  const { lines, stopped } = await differences(world, steps);
  return { broken: [...world.faults, ...lines], stopped, writes: world.writes };
}
