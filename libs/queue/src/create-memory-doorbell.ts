import { FirsthandError } from '@firsthand/domain';
import type { Lane } from '@firsthand/pipeline';
import type { DoorbellHost } from './doorbell-host.js';

/**
 * The doorbell within one process, without a server: for specs, and as the shortest description of what a doorbell does. One run at a
 * time per bell; rings during a run become one further run. What a handler throws is dropped, as in the real one.
 *
 * @example const doorbell = createMemoryDoorbell(); doorbell.onApply(() => drainInbox()); doorbell.ringApply();
 */
export function createMemoryDoorbell(): DoorbellHost {
  const bells = new Map<string, () => void>();
  const runs = new Map<string, Promise<void>>();
  let answerLane: ((lane: Lane) => Promise<void>) | undefined;
  let isClosed = false;

  const open = (name: string, handler: () => Promise<void>) => {
    let isDirty = false;
    const run = async () => {
      while (isDirty && bells.get(name) === ring) {
        isDirty = false;
        await handler().catch(() => undefined);
      }
      runs.delete(name);
    };
    const ring = () => {
      isDirty = true;
      // Later, never within the call that rings.
      if (!runs.has(name)) runs.set(name, Promise.resolve().then(run));
    };
    bells.set(name, ring);
  };
  const close = async (name: string) => {
    bells.delete(name);
    await runs.get(name);
  };
  const nameOf = ({ workspaceId, connectionId }: Lane) => `deliver.${workspaceId}.${connectionId}`;

  return {
    ringApply: () => bells.get('apply')?.(),
    ringLane: (lane) => bells.get(nameOf(lane))?.(),
    onApply: (handler) => open('apply', handler),
    onLane(handler) { answerLane = handler; },
    openLane(lane) {
      const handler = answerLane;
      if (!handler) throw new FirsthandError('INTERNAL', 'A lane was opened before onLane.');
      if (!isClosed && !bells.has(nameOf(lane))) open(nameOf(lane), () => handler(lane));
    },
    closeLane: (lane) => close(nameOf(lane)),
    ping: () => Promise.resolve(),
    async close() {
      isClosed = true;
      await Promise.all([...bells.keys()].map(close));
    },
  };
}
