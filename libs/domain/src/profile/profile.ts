import type { JsonValue } from '../json.js';
import type { Identity } from '../canonical/canonical-record.js';
import type { NamedLink } from '../identity/named-link.js';

/** Why a value was corrected (GDPR art. 16): it was wrong from the first, has ceased to be right, or was a part only. A code, never free text. */
export const CORRECTION_REASONS = ['inaccurate', 'outdated', 'incomplete'] as const;

export type CorrectionReason = (typeof CORRECTION_REASONS)[number];

/** That a value was corrected, who said what is right, and why. */
export interface Correction {
  /** The customer; or staff, by an account or API key. */
  by: 'person' | 'user' | 'apiKey';
  reason: CorrectionReason;
}

/** One stored field of a profile, with why it is there. */
export interface ProfileField {
  value: JsonValue;
  /** Event time, epoch ms. */
  at: number;
  /** The source connection. */
  source: string;
  /** The messageId that brought it. */
  origin: string;
  /** The profile version that set it. */
  version: number;
  /** Set where a verified record brought a field that names an identity (`email`, `phone`): an unverified one never replaces it. */
  isVerified?: true;
  /** Set where the value is itself a correction. */
  correction?: Correction;
  /** When the field was last corrected, epoch ms: what is of then or before counts no more, also once a newer value stands here. */
  correctedAt?: number;
}

/**
 * Counts of one kind of event of one person. The key is the event name, `*` (any track, page or screen),
 * or `name#hash` for a name with property conditions, a sum or the single times, where a live segment or flow asks for it.
 */
export interface Activity {
  /** Epoch ms. */
  first: number;
  last: number;
  total: number;
  /** UTC day (`2026-11-24`) → count. Days older than 400 are dropped. */
  days: Record<string, number>;
  /** Of a counter that adds up a property: the sum of all time and of each of those days, scaled by 10,000 to whole numbers. */
  sum?: number;
  sums?: Record<string, number>;
  /** Of a step of a sequence: its latest 50 times, rising. */
  times?: number[];
}

export interface Membership {
  /** How many times entered or left so far: the `n` of deterministic ids. Odd is inside, even is outside. */
  n: number;
  isMember: boolean;
  /** Epoch ms of the last change. */
  at: number;
  segmentVersion: number;
}

/** That a person was put on a static list. */
export interface ListStanding {
  segmentId: string;
  /** Epoch ms. */
  at: number;
  /** `upload`, or `flow|` and the flow's id. */
  origin: string;
}

/** What an evaluation of segments leaves for the next one, so that it need not repeat all of it. */
export interface Evaluated {
  /** Names the segments, purposes and agreements that it was made by. */
  by: string;
  /** Segment id → when its answer may change by time alone, epoch ms. Who is not here changes by news only. */
  dues: Record<string, number>;
}

/** That a system holds one record of two who were told apart here. */
export interface PartedThere {
  /** The merge that was taken back: the same with both. */
  mergeId: string;
  /** Key of an id that the system has given the person: by it is told which system it is. */
  id: string;
  /** When they were told apart, epoch ms. */
  at: number;
  /** Of whom the record is: what the other is known by, as keyed digests, for it is to be told from the person's own also when the other is erased. */
  strangers?: string[];
  /** Of the other: keys of identities of theirs by which that record may be found. */
  own?: string[];
}

/** A person. The one canonical row that every channel's data folds into. */
export interface Profile {
  profileId: string;
  workspaceId: string;
  /** Random per person, destroyed on erasure. The salt of their digests lies apart. */
  subjectKey: string;
  /** Grows by one with each change. */
  version: number;
  /** The last `seq` given to a delivery or change of this person. */
  seq: number;
  /** The `createdAt` that went with it, epoch ms; it never falls, whichever process' clock is behind. Unset while none was given. */
  seqAt?: number;
  identities: Identity[];
  /** Keys of the identities that a verified record or the privacy page named as this person's: an unverified device's consent counts once its key is here. */
  verifiedKeys: string[];
  /** Keys of identities that were found not to be this person's: a record that names them and the person gives them to nobody. Absent for none. */
  disowned?: string[];
  /** Keys of their identities that were somebody else's first: a device, or what the workspace calls shared. By these an erasure of any of them finds who else is known by it. Absent for none. */
  sharedKeys?: string[];
  /** Which of their identities verified records have named together, and when first: by it links that a limit held back are weighed against those that came before. Absent for none, and of what came before it was noted. */
  links?: NamedLink[];
  /** Stored keys of identities that a system has taken away, by deleting or merging its copy → when, by its clock, epoch ms: to it the person is named by another of its ids, where there is one. Absent for none. */
  goneIds?: Record<string, number>;
  /** Of these the stored keys of those that a system has merged away → key of the id that stands for them there. Absent for none. */
  mergedIds?: Record<string, string>;
  /** Systems that have merged what they held of two who were told apart here: with both of them. Absent for none. */
  parted?: PartedThere[];
  /** Stored keys of devices → when the person was first verified on them, epoch ms: what was known of their consent before. Absent for those of before it was noted. */
  provenAt?: Record<string, number>;
  /** Ids of the profiles merged into this one, transitively: their events, disclosures and deliveries are this person's too. */
  mergedFrom: string[];
  fields: Record<string, ProfileField>;
  /** Stored key → what else sources say of a field, the latest of each, freshest first: who wins is decided anew among them when the rules change or the winner goes. Absent for none. */
  candidates?: Record<string, ProfileField[]>;
  activity: Record<string, Activity>;
  memberships: Record<string, Membership>;
  /** The static lists that the person stands on; absent for none. */
  lists?: ListStanding[];
  /** Set while runs of flows may wait for this person: nobody else's are looked for. */
  hasWaitingRuns?: true;
  /** That their consents are to be folded again, by the rules of a newer version or since something was refused at a device of many, which was marked before: whoever reads the person does so, and whoever writes them next keeps it. */
  mustRefold?: true;
  /** The last evaluation of the live segments; absent where all are to be evaluated again. */
  evaluated?: Evaluated;
  /** Epoch ms. */
  firstSeenAt: number;
  lastSeenAt: number;
  createdAt: number;
}
