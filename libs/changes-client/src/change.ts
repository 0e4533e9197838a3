/**
 * From where a change came: `record` with the connection it came by, `flow` with the flow where that is known; `person` by the privacy page, `admin` an account or key, a privacy `request`; `list`; `rule` where a segment or the owner of a
 * field was changed; `time`. By others `source` is null.
 */
export interface ChangeCause {
  by: 'record' | 'person' | 'admin' | 'request' | 'list' | 'flow' | 'rule' | 'time';
  source: string | null;
}

/** What every change tells. */
interface ChangeCommon {
  /** Where to go on after it: keep it once you have done with the change. */
  cursor: string;
  /** ISO 8601. */
  at: string;
  profileId: string;
  /** The profile's version from then on; 0 for somebody who was erased. */
  version: number;
  /** All that brought the change about; empty where that is not known. */
  from: ChangeCause[];
}

/** A field that was set or, where `source` is null, taken away. `value` is the one of now; it is not there when there is none any more. */
export interface ChangedField {
  name: string;
  source: string | null;
  at: string | null;
  value?: unknown;
}

/** What stands of a purpose for one kind of recipient, separate consent or channel. */
export interface ChangedStanding {
  recipient: string;
  decision: string;
  method: string;
  /** The connection that brought the decision; null where it came by none. */
  source: string | null;
  /** Who told it; null where that was not noted. */
  actor: 'person' | 'guardian' | 'clerk' | 'admin' | 'import' | null;
  at: string;
}

/** A change of a person. Two with the same cursor are the same: what is done twice must do no harm. */
export type Change =
  | ChangeCommon & { kind: 'profile'; fields: ChangedField[] }
  | ChangeCommon & { kind: 'consent'; purpose: string; standings: ChangedStanding[] }
  | ChangeCommon & { kind: 'membership'; segmentId: string; isMember: boolean }
  /** `removed`: the person was erased, and so is to be every copy of them. */
  | ChangeCommon & { kind: 'identity'; act: 'added' | 'released' | 'merged' | 'unmerged' | 'removed'; namespaces?: string[]; identities?: { namespace: string; value: string }[]; other?: string };

/** What a follower hears: a change, or that some were missed and where it goes on. After a gap, read the profiles again that you hold a copy of. */
export type ChangeEvent = { type: 'change'; change: Change } | { type: 'gap'; resumesAfter: string };
