import { PUSH_HELD, PUSH_RELEASED } from '../push-gate/push-gate-row.js';

/** The reason of a delivery that waits for the end of the quiet hours of its channel: it is pending, and due then. */
export const QUIET_HOURS = 'quiet-hours';
/** The same of one that its gate had let go: it is not asked about there again. */
export const QUIET_HOURS_RELEASED = `${QUIET_HOURS}:${PUSH_RELEASED}`;
/** The reason of one that waits for its turn in a replay at a pace. */
export const REPLAY_PACED = 'replay-paced';

/** Why a delivery waits of which no try has failed: it holds up nothing else of its person. */
export const HOLDS_UP_NOTHING: readonly string[] = [PUSH_HELD, QUIET_HOURS, QUIET_HOURS_RELEASED, REPLAY_PACED];
/** The reasons of deliveries that their gate has let go. */
export const LET_GO: readonly string[] = [PUSH_RELEASED, QUIET_HOURS_RELEASED];
