import { lawfulBasisFor, UNKNOWN_SUBJECT, type Purpose } from '@firsthand/domain';
import { toldPurposes, type SourceConnection, type WorkspaceConfiguration } from '@firsthand/pipeline';
import type { AskedPurpose, PrivacyNotice, ToldPurpose } from '@firsthand/privacy-script';
import { bestLanguage, pageLanguage, pageTexts } from '../privacy/privacy-texts.js';
import { NOTICE_WORDS } from './notice-words.js';

/** What a notice is for. */
export interface NoticeInput {
  configuration: WorkspaceConfiguration;
  connection: SourceConnection;
  /** BCP 47, of the page. */
  language: string;
  /** Where the outside reaches this host. */
  publicUrl: string;
}

/**
 * What `/privacy.js` shows and decides by on the site of a source connection: the newest version of its agreement, in the best language that there is. Purposes that rest on
 * consent are asked about, of a visitor of whom nothing is known; others are told of. Undefined where there is no text to agree to.
 *
 * @example privacyNotice({ configuration, connection, language: 'zh-CN', publicUrl: 'https://data.example.com' })
 */
export function privacyNotice({ configuration, connection, language, publicUrl }: NoticeInput): PrivacyNotice | undefined {
  const versions = configuration.agreements.get(connection.agreementId ?? '') ?? [];
  const newest = versions.at(-1);
  const shown = newest === undefined ? undefined : bestLanguage(newest.texts, language);
  if (newest === undefined || shown === undefined) return undefined;
  const wordsLanguage = pageLanguage(language, undefined);
  const purposes = toldPurposes(connection, configuration);
  const collecting = connection.collectionPurpose === null ? purposes : [configuration.purposes.get(connection.collectionPurpose)];
  return {
    agreementId: newest.agreementId, version: newest.version, asksAgainBelow: versions.findLast(({ isMaterial }) => isMaterial)?.version ?? 1,
    language: shown, textHash: newest.textHashes[shown] ?? '', text: newest.texts[shown] ?? '', wordsLanguage, words: NOTICE_WORDS[wordsLanguage],
    asked: purposes.filter(isAsked).flatMap((purpose) => askedPurpose(purpose, connection, language) ?? []),
    told: purposes.filter((purpose) => !isAsked(purpose)).map((purpose): ToldPurpose => ({ ...wordsOf(purpose, language), basis: pageTexts(wordsLanguage)[`basis.${lawfulBasisFor(purpose, UNKNOWN_SUBJECT)}`] })),
    // What is not asked about keeps tracking waiting: nobody can have said yes to it.
    collectionKeys: collecting.some((purpose) => purpose !== undefined && !isAsked(purpose)) ? null : collecting.flatMap((purpose) => (purpose === undefined ? [] : (categoryOf(purpose.key, connection) ?? []))),
    privacyUrl: `${publicUrl.replace(/\/$/, '')}/privacy/${encodeURIComponent(configuration.workspaceId)}?lang=${wordsLanguage}`,
  };
}

function isAsked(purpose: Purpose): boolean {
  return lawfulBasisFor(purpose, UNKNOWN_SUBJECT) === 'consent';
}

/** Undefined where an answer about it could not be told to the host. */
function askedPurpose(purpose: Purpose, connection: SourceConnection, language: string): AskedPurpose | undefined {
  const key = categoryOf(purpose.key, connection);
  if (key === undefined) return undefined;
  return { key, ...wordsOf(purpose, language), expiresAfterDays: purpose.expiresAfterDays, isRefusedByGpc: refusedByGpc(connection).has(purpose.key) };
}

/** What an event carries an answer about a purpose under: its own key, unless the connection reads that as another purpose. */
function categoryOf(purpose: string, { consentCategories }: SourceConnection): string | undefined {
  if (!Object.hasOwn(consentCategories, purpose)) return purpose;
  return Object.keys(consentCategories).find((category) => consentCategories[category] === purpose);
}

function refusedByGpc({ readSignals }: SourceConnection): Set<string> {
  return new Set((readSignals?.({ gpc: true }) ?? []).filter(({ decision }) => decision === 'denied').map(({ purpose }) => purpose));
}

function wordsOf({ key, name, description }: Purpose, language: string): { name: string; description: string } {
  const of = (texts: Record<string, string>): string => texts[bestLanguage(texts, language) ?? ''] ?? '';
  return { name: of(name) || key, description: of(description) };
}
