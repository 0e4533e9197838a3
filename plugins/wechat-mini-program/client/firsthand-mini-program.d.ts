/** What the mini-program is connected to. */
export interface FirsthandOptions {
  /** Where Firsthand runs, without a slash at the end: `https://cdp.example.com`. Must be among the mini-program's request domains. */
  endpoint: string;
  /** Public write key of the connection. */
  writeKey: string;
  /** The consent category that collection stands on. Default `analytics`. */
  collectionCategory?: string;
  /** Send when so many messages wait. Default 20. */
  flushAt?: number;
  /** Send at the latest after so many milliseconds. Default 10,000. */
  flushIntervalMs?: number;
  /** Keep at most so many messages; the oldest go first. Default 500. */
  maxQueue?: number;
  /** Milliseconds until a request is given up. Default 10,000. */
  timeoutMs?: number;
  /** What the storage keys begin with. Default `firsthand`. */
  storageKey?: string;
  /** False: do not call `wx.login` at the start. */
  login?: boolean;
  /**
   * Gives the user token of who is signed in, as your own server has signed it; null or an empty text when nobody is. Called at the start and when the last token is over, never more than
   * once a second. Rejects when your server cannot be reached. Without it `me()` gives null.
   */
  userToken?(): Promise<string | null> | string | null;
  /** Milliseconds for which what was read of the person is shown without a network. Default 86,400,000: a day. */
  keepMeMs?: number;
  /** In place of the global `wx`, for tests. */
  wx?: object;
}

/** A code of `wx.login`, with the phone number button's `encryptedData` and `iv` of the same login. */
export interface WeChatLogin {
  code?: string;
  encryptedData?: string;
  iv?: string;
}

/** What this mini-program may know of who is signed in. `Traits` is the type of what its purpose covers of the profile. */
export interface Me<Traits extends object = Record<string, unknown>> {
  /** Whether the id in the token names anybody. What only a public key has said of somebody who is known by verified records names nobody. */
  isKnown: boolean;
  /** Grows with each change of the person. */
  version: number;
  /** What the connection reads under; null: nothing but the consents. */
  purpose: string | null;
  isAllowed: boolean;
  /** Why traits and memberships are there, or are not. */
  reason: string;
  traits: Partial<Traits>;
  /** Segments made for the purpose that the person is in. */
  memberships: { segmentId: string; name: string; since: string }[];
  /** What the person has decided. */
  consents: { purpose: string; scope: string; isAllowed: boolean; reason: string; validUntil: string | null }[];
  /** Epoch ms: when the server said so. */
  readAt: number;
  /** False for what is kept from before, because the server cannot be asked. */
  isFresh: boolean;
}

export interface Firsthand {
  /** Call once, in `onLaunch`. */
  start(): void;
  track(event: string, properties?: Record<string, unknown>): void;
  screen(name: string, properties?: Record<string, unknown>): void;
  identify(userId?: string, traits?: Record<string, unknown>): void;
  linkWeChat(login?: WeChatLogin): void;
  /** What the person decided, by category. Before the first call nothing leaves the phone. */
  setConsent(preferences: Record<string, boolean>): void;
  flush(): void;
  reset(): void;
  /**
   * Reads what is known of who is signed in; asked by itself at the start and whenever the mini-program is shown again. The server is asked once a second at most: in between it gives the last answer.
   * Without a network it gives what is kept, with `isFresh` false; null when nobody is signed in, the token is refused, or nothing is kept. Never rejects.
   */
  me<Traits extends object = Record<string, unknown>>(): Promise<Me<Traits> | null>;
  /** Told of each new answer, and of null when nobody is signed in any more. */
  onMe(listener: (me: Me | null) => void): void;
}

/**
 * Makes the client of one mini-program.
 *
 * @example const firsthand = createFirsthand({ endpoint: 'https://cdp.example.com', writeKey: 'pk_…' }); firsthand.start();
 */
export function createFirsthand(options: FirsthandOptions): Firsthand;
