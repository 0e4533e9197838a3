import { eachOf } from './each-of.js';
import type { SweepOptions } from './sweep-options.js';

/** Runs and deliveries of a flow at each tick: what falls due at one moment goes before what does later, of other flows too. */
const PAGE = 1_000;

/**
 * Lets go, some at each tick, what waits of flows that were paused and are not any more. It rests on what is stored and on the configuration as it is: nothing has to happen at the
 * resume itself, and who knows of it a moment later makes them wait again.
 */
export async function resumeFlows({ store, configuration, clock }: Pick<SweepOptions, 'store' | 'configuration' | 'clock'>): Promise<void> {
  const paused = await store.findPausedFlows();
  await eachOf(paused, async (flow) => {
    if (configuration.workspace(flow.workspaceId).pausedFlows?.has(flow.flowId) !== true) await store.resumeFlow(flow, clock(), PAGE);
  });
}
