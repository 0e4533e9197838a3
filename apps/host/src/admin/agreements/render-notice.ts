import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { createTemplate, type RenderTemplate } from '@firsthand/templating';
import { bestLanguage, countryText, pageTexts, partText, type PageLanguage } from '../../privacy/privacy-texts.js';
import { dataUseRegister, type DataUsePurpose } from '../data-use/data-use-register.js';

/** From `src` and `dist` alike: the root of the repository. */
const FOLDER = join(import.meta.dirname, '../../../../../templates/notices');

/** What a notice is made of. */
export interface NoticeInput {
  configuration: WorkspaceConfiguration;
  brand: string;
  /** Purposes it is about, in this order. */
  purposes: readonly string[];
  language: PageLanguage;
  /** Language to what stands before all else. */
  introduction: Readonly<Record<string, string>>;
}

const templates = new Map<PageLanguage, RenderTemplate>();

/**
 * The text that a customer reads, from `templates/notices/<language>.hbs` and what is configured: each purpose with its ground, data, sources, recipients, channels and
 * times (GDPR art. 13, PIPL art. 17). Published, it never changes, whatever the configuration becomes.
 *
 * @example renderNotice({ configuration, brand: 'Shirts & Co', purposes: ['marketing'], language: 'en', introduction: {} })
 */
export function renderNotice({ configuration, brand, purposes, language, introduction }: NoticeInput): string {
  const register = dataUseRegister(configuration, language);
  const described = purposes.flatMap((key) => register.purposes.find((purpose) => purpose.key === key) ?? []);
  const shown = bestLanguage(introduction, language);
  return templateOf(language)({ brand, introduction: shown === undefined ? null : (introduction[shown] ?? null), purposes: described.map((purpose) => inWords(purpose, language)) });
}

function templateOf(language: PageLanguage): RenderTemplate {
  let template = templates.get(language);
  if (template === undefined) templates.set(language, (template = createTemplate(readFileSync(join(FOLDER, `${language}.hbs`), 'utf8'), { format: 'text' })));
  return template;
}

function inWords(purpose: DataUsePurpose, language: PageLanguage): JsonObject {
  const t = pageTexts(language);
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  const { name, description, lawfulBasis, dataCategories, collectedBy, channels, sharedWith, separateConsent, retentionDays, expiresAfterDays } = purpose;
  return {
    name, description, basis: t[`basis.${lawfulBasis}`], dataCategories: list.format(dataCategories), sources: list.format(collectedBy.map((source) => source.name)),
    channels: list.format(channels.map((channel) => partText(channel, t))), recipients: sharedWith.map(({ name: called, recipient, country }) => ({ name: called, kind: t[`recipient.${recipient}`], country: country === null ? null : countryText(country, language) })),
    separate: list.format(separateConsent.map((part) => t[`separate.${part}`])), retentionDays, expiresAfterDays,
  };
}
