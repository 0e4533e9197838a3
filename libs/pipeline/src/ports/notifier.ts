/** What somebody is told outside of the platform. `link` or `code` opens something for them alone: it is in no log. */
export interface Notice {
  kind: 'invitation' | 'password-reset' | 'one-time-code' | 'consent-confirmation' | 'consent-confirmation-code' | 'person-export' | 'removals-unconfirmed' | 'pushes-held' | 'syncs-stopped' | 'connection-disabled' | 'balance-open' | 'requests-due-soon' | 'requests-overdue';
  /** An email address; or a phone number (E.164), which only a webhook can take. */
  to: string;
  /** BCP 47; the texts are there in English and Chinese. */
  language: string;
  /** Whose installation writes. */
  workspaceName: string;
  link?: string;
  code?: string;
  /** What it is about, a line each. No personal data. */
  lines?: readonly string[];
  /** How many requests it is about. */
  count?: number;
  /** Epoch ms: the link or code opens nothing afterwards; null where it opens nothing for anybody without credentials. */
  expiresAt: number | null;
}

/** Hands notices to people. */
export interface Notifier {
  /** Without it nothing can be handed over: who asks has to do it themselves. */
  isConfigured: boolean;
  /** Whether it takes phone numbers, too. */
  takesNumbers?: boolean;
  /** Resolves when the server or receiver has taken it. Throws FirsthandError UNAVAILABLE else. */
  notify(notice: Notice): Promise<void>;
}
