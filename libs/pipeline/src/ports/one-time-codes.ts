/** Whose code: the workspace, and the keyed hash of an identity. */
export interface OneTimeCodePlace {
  workspaceId: string;
  key: string;
}

/** Codes that are under way, one per identity: a new one takes the former one's place. */
export interface OneTimeCodeStore {
  /** Keeps the digest of a new code. False when this identity got as many within the window as it may: then the former one stands. */
  issueOneTimeCode(place: OneTimeCodePlace, code: { digest: string; now: number; expiresAt: number; windowMs: number; mostPerWindow: number }): Promise<boolean>;
  /** Tries a code: each try counts before it is compared. True once for the right one in time, within the first `mostTries`. */
  takeOneTimeCode(place: OneTimeCodePlace, attempt: { digest: string; now: number; mostTries: number }): Promise<boolean>;
}
