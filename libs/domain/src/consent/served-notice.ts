import type { JsonValue } from '../json.js';
import { readTime } from '../canonical/read-time.js';

/** Where a notice can be shown. */
export const NOTICE_SURFACES = ['privacy-page', 'page', 'app', 'mini-program', 'pos'] as const;
export type NoticeSurface = (typeof NOTICE_SURFACES)[number];

/** What was shown to somebody: a version of an agreement, where and when. Names nobody. */
export interface ServedNotice {
  agreementId: string;
  agreementVersion: number;
  /** SHA-256 (hex) of the text. */
  textHash: string;
  /** BCP 47. */
  language: string;
  surface: NoticeSurface;
  /** Of a page: `https://shop.example`, never a path or query, which may name somebody. */
  origin: string | null;
  /** Epoch ms. */
  servedAt: number;
}

/** What a record of the ledger holds of it: `served` when this host gave the id for these facts, `claimed` when whoever sent the decision says so and nothing proves it. */
export interface NotedNotice extends Partial<ServedNotice> {
  id: string | null;
  standing: 'served' | 'claimed';
}

/** As it comes with a decision: an id, facts, or both. */
export type ClaimedNotice = Partial<ServedNotice> & { id: string | null };

const MAX_ID = 1_000;
const MAX_TEXT = 200;

/**
 * Reads `context.consent.servedNotice` of an event. What does not fit is left out; undefined when nothing is left. Nothing in it is believed here.
 *
 * @example readServedNotice({ id: 'n1.…', agreementId: 'notice', version: 2, language: 'en' }, receivedAt)?.agreementVersion // 2
 */
export function readServedNotice(value: JsonValue | undefined, receivedAt: number): ClaimedNotice | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { id, agreementId, version, textHash, language, surface, origin, shownAt } = value;
  const at = shownAt === undefined || shownAt === null ? undefined : readTime(shownAt);
  const known = NOTICE_SURFACES.find((one) => one === surface);
  const facts: Partial<ServedNotice> = {
    ...(isText(agreementId) ? { agreementId } : {}), ...(typeof version === 'number' && Number.isSafeInteger(version) ? { agreementVersion: version } : {}),
    ...(typeof textHash === 'string' && /^[0-9a-f]{64}$/.test(textHash) ? { textHash } : {}), ...(typeof language === 'string' && /^[A-Za-z0-9-]{2,35}$/.test(language) ? { language } : {}),
    ...(known === undefined ? {} : { surface: known }), ...originOf(origin), ...(at === undefined ? {} : { servedAt: Math.min(at, receivedAt) }),
  };
  const hasId = typeof id === 'string' && id !== '' && id.length <= MAX_ID;
  return hasId || Object.keys(facts).length > 0 ? { id: hasId ? id : null, ...facts } : undefined;
}

/** Scheme, host and port of an address; nothing for what is none. */
function originOf(origin: JsonValue | undefined): Pick<Partial<ServedNotice>, 'origin'> {
  const url = typeof origin === 'string' && origin.length <= 2_000 && URL.canParse(origin) ? new URL(origin) : undefined;
  return url === undefined || url.origin === 'null' ? {} : { origin: url.origin };
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}
