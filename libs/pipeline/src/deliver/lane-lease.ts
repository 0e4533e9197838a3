/** How long a lane is a holder's without a sign of life, in ms. What is in flight for longer may be a dead holder's. */
export const LANE_LEASE_MS = 10_000;
