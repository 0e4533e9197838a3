import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { NOTICE_SURFACES, type AgreementVersion, type ServedNotice } from '@firsthand/domain';

/** Gives ids to notices when they are shown, and tells by an id what was shown. */
export interface NoticeIds {
  /** Undefined when there is no such version in this language. */
  issue(shown: Omit<ServedNotice, 'textHash'>): { id: string; notice: ServedNotice } | undefined;
  /** Undefined for an id that is not from here, or not of this workspace. */
  open(id: string): ServedNotice | undefined;
}

export interface NoticeIdsOptions {
  /** The installation's secret. */
  secret: Uint8Array;
  workspaceId: string;
  agreements: ReadonlyMap<string, readonly AgreementVersion[]>;
}

type Content = [agreementId: string, agreementVersion: number, language: string, surface: number, origin: string | null, servedAt: number];

const FORM = 'n1';

/**
 * Ids that say themselves what was shown, under a MAC with a key derived for this use alone (RFC 5869): nothing is stored for those who look at a notice and decide nothing, and
 * nobody but the host can make one up. The hash of the text comes from the published version, which never changes. Each id is another one: it is of one showing.
 *
 * @example createNoticeIds({ secret, workspaceId, agreements }).open(id)?.textHash
 */
export function createNoticeIds({ secret, workspaceId, agreements }: NoticeIdsOptions): NoticeIds {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'firsthand served notices', 32));
  const macOf = (body: string): Buffer => createHmac('sha256', key).update(`${workspaceId}|${body}`).digest();
  const hashOf = (agreementId: string, version: number, language: string): string | undefined => {
    const hashes = agreements.get(agreementId)?.find((one) => one.version === version)?.textHashes;
    return hashes !== undefined && Object.hasOwn(hashes, language) ? hashes[language] : undefined;
  };
  return {
    issue({ agreementId, agreementVersion, language, surface, origin, servedAt }) {
      const textHash = hashOf(agreementId, agreementVersion, language);
      if (textHash === undefined) return undefined;
      const content: Content = [agreementId, agreementVersion, language, NOTICE_SURFACES.indexOf(surface), origin, servedAt];
      const body = `${randomBytes(9).toString('base64url')}.${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
      return { id: `${FORM}.${body}.${macOf(body).toString('base64url')}`, notice: { agreementId, agreementVersion, textHash, language, surface, origin, servedAt } };
    },

    open(id) {
      const [form, nonce = '', content = '', mac = ''] = id.split('.');
      const [expected, given] = [macOf(`${nonce}.${content}`), Buffer.from(mac, 'base64url')];
      if (form !== FORM || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const [agreementId, agreementVersion, language, place, origin, servedAt] = JSON.parse(Buffer.from(content, 'base64url').toString()) as Content;
      const [surface, textHash] = [NOTICE_SURFACES[place], hashOf(agreementId, agreementVersion, language)];
      return surface === undefined || textHash === undefined ? undefined : { agreementId, agreementVersion, textHash, language, surface, origin, servedAt };
    },
  };
}
