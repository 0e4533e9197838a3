import { PUSH_HELD, PUSH_RELEASED } from '../push-gate/push-gate-row.js';

/** The reason of a delivery that waits for the end of the quiet hours of its channel: it is pending, and due then. */
export const QUIET_HOURS = 'quiet-hours';
/** The same of one that its gate had let go: it is not asked about there again. */
export const QUIET_HOURS_RELEASED = `${QUIET_HOURS}:${PUSH_RELEASED}`;
/** The reason of one that waits for its turn in a replay at a pace. */
export const REPLAY_PACED = 'replay-paced';
/** The reason of one whose flow is paused: it is pending, and due when the flow is resumed. */
export const FLOW_PAUSED = 'flow-paused';
/** The due time of runs and deliveries that wait because their flow is paused: later than any other. */
export const PAUSED_DUE_AT = Date.UTC(9999, 0);

/** Why a delivery waits of which no try has failed: it holds up nothing else of its person. */
export const HOLDS_UP_NOTHING: readonly string[] = [PUSH_HELD, QUIET_HOURS, QUIET_HOURS_RELEASED, REPLAY_PACED, FLOW_PAUSED];
/** The reasons of deliveries that their gate has let go. */
export const LET_GO: readonly string[] = [PUSH_RELEASED, QUIET_HOURS_RELEASED];
