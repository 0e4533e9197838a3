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
  /** In place of the global `wx`, for tests. */
  wx?: object;
}

/** A code of `wx.login`, with the phone number button's `encryptedData` and `iv` of the same login. */
export interface WeChatLogin {
  code?: string;
  encryptedData?: string;
  iv?: string;
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
}

/**
 * Makes the client of one mini-program.
 *
 * @example const firsthand = createFirsthand({ endpoint: 'https://cdp.example.com', writeKey: 'pk_…' }); firsthand.start();
 */
export function createFirsthand(options: FirsthandOptions): Firsthand;
