import type { Identity } from '../canonical/canonical-record.js';

/** One record as far as identities go. */
export interface ResolvableRecord {
  /** Normalised. Never empty. */
  identities: readonly Identity[];
  /** True for a secret write key or a signed token; false when the identities are only claimed (public key). */
  isVerified: boolean;
  /** When it happened, epoch ms, and what tells records of one time apart: where not all links fit, the earlier one is taken first. */
  at?: number;
  id?: string;
}

/** A record's identities, for the resolution. */
export interface Entry {
  record: number;
  /** Strongest first. */
  persons: Key[];
  devices: Key[];
}

/** An identity with what the resolution asks of it. */
export interface Key {
  key: string;
  rank: number;
  namespace: string;
}
