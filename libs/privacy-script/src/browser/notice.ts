/** A purpose that the visitor is asked about. */
export interface AskedPurpose {
  /** What the answer is stamped under: a category of the source connection. */
  key: string;
  name: string;
  description: string;
  /** Days after which a yes is asked for again; null never. */
  expiresAfterDays: number | null;
  /** Whether a browser that says no for its owner (Global Privacy Control) has said so of this purpose. */
  isRefusedByGpc: boolean;
}

/** A purpose that stands on another ground than consent, for the visitor to know. */
export interface ToldPurpose {
  name: string;
  description: string;
  /** The ground, in the visitor's language. */
  basis: string;
}

/** The script's own words, in the visitor's language. */
export interface NoticeWords {
  title: string;
  intro: string;
  acceptAll: string;
  refuseAll: string;
  save: string;
  open: string;
  close: string;
  fullText: string;
  noConsent: string;
  more: string;
  gpc: string;
}

/** All that the script shows and decides by: what the host answers to `GET /v1/projects/:writeKey/notice`. Nothing of it is about a person. */
export interface PrivacyNotice {
  agreementId: string;
  /** The version that is shown. */
  version: number;
  /** The newest material version: an answer to an older one is over. */
  asksAgainBelow: number;
  /** BCP 47, of the text. */
  language: string;
  /** SHA-256 (hex) of the text. */
  textHash: string;
  text: string;
  /** BCP 47, of the words. */
  wordsLanguage: string;
  words: NoticeWords;
  asked: AskedPurpose[];
  told: ToldPurpose[];
  /** Tracking waits for a yes to one of these keys; null where something of it rests on another ground. */
  collectionKeys: readonly string[] | null;
  /** The brand's privacy page. */
  privacyUrl: string;
}
