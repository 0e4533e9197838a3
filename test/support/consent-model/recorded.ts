/** What people decided and what befell them, as it was written down. */
export type Recorded =
  /** Said by an act of the person, over REST or the privacy page. */
  | { kind: 'decision'; key: string; purpose: string; isYes: boolean; scopes: readonly string[]; version: number | null; effectiveAt: number; recordedAt: number }
  /** Records of sources that were applied together. */
  | { kind: 'messages'; messages: readonly RecordedMessage[]; recordedAt: number }
  | { kind: 'publish'; version: number; isMaterial: boolean; at: number }
  /** Whoever reads a mailbox has followed the link that came there. */
  | { kind: 'confirmation'; key: string; recordedAt: number }
  /** A merge was taken back: of who was one with whom, each by an identity that they had before. */
  | { kind: 'unmerge'; winner: string; loser: string; recordedAt: number }
  /** From now on records alone give a person no more than one identity of each of these namespaces. */
  | { kind: 'limits'; singles: ReadonlySet<string> }
  /** What a review of links said was taken: who is one person by which from now on, and by which no more. */
  | { kind: 'settlement'; joins: readonly Link[]; givesWay: readonly Link[]; recordedAt: number }
  /** The city of a person was put right. */
  | { kind: 'correction'; key: string; city: string; recordedAt: number }
  /** An address of a person was found to be somebody else's, and the right one is another. */
  | { kind: 'disowning'; key: string; wrong: string; right: string; recordedAt: number }
  /** A person was erased, named by one of their identities. */
  | { kind: 'erasure'; key: string; recordedAt: number };

/** Two identities of which it was said that they are one person's. */
export type Link = readonly [string, string];

export interface RecordedMessage {
  messageId: string;
  /** All of them are the one person's. */
  keys: readonly string[];
  occurredAt: number;
  /** Purpose → yes or no, as a consent tool tells with each event. */
  carries: Readonly<Record<string, boolean>>;
  /** It cannot be used yet: what it says no to counts, and nothing else of it. */
  isAside: boolean;
  /** It could not be used before, and can now. */
  isReleased?: boolean;
  /** It became no event: it may have been emptied, where it names somebody who was erased. */
  isRefused?: boolean;
  /** It happened after what is asked: it says who is one person, and what it says yes or no to is not heard yet. */
  isLater?: boolean;
  /** Of a form: the address in whose name somebody agrees. */
  claims?: string;
  /** At a device that several use, its identity: with `keys` somebody has logged in there, without any it is a no of whoever is known on it. */
  device?: string;
  /** Where the person lives. */
  city?: string;
}

/** What a purpose rests on. */
export interface PurposeRules {
  basis: 'consent' | 'legitimate' | 'contract';
  expiresAfterMs: number | null;
  /** Whether sharing with a third party needs a consent of its own. */
  separatesThirdParty: boolean;
}
