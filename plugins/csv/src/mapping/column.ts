import type { MappingValue } from '@firsthand/plugin-sdk';

/** The text of a column, without white space around it. @example column('city') // '{{trim city}}' */
export const column = (name: string): string => `{{trim ${name}}}`;

/** A phone number as E.164. Like the others below, it stays as it came when it cannot be read, so that it is flagged and not silently lost. */
export const phone = (name: string): string => `{{default (e164 (trim ${name}) @settings.country) (trim ${name})}}`;

/** A moment. */
export const moment = (name: string): string => `{{default (date (trim ${name}) @settings.offset @settings.dateOrder) (trim ${name})}}`;

/** A calendar day: no zone shifts it. */
export const day = (name: string): string => `{{default (slice (date (trim ${name}) "Z" @settings.dateOrder) 0 10) (trim ${name})}}`;

/** Texts divided by `;`. An empty column says nothing, and must not empty a list. */
export const texts = (name: string): MappingValue => ({ $when: `{{trim ${name}}}`, value: `{{split ${name} ";"}}` });

/** A number, in the way that the settings say numbers are written. */
export const number = (name: string): MappingValue => ({
  $when: '{{@settings.decimalComma}}',
  value: `{{default (number ${withPoint(name)}) (trim ${name})}}`,
  else: `{{default (number (trim ${name})) (trim ${name})}}`,
});

/** An amount in the currency of the row, else of the settings. */
export const money = (name: string): MappingValue => ({
  $when: '{{@settings.decimalComma}}',
  value: `{{default (money ${withPoint(name)} ${CURRENCY}) (trim ${name})}}`,
  else: `{{default (money (trim ${name}) ${CURRENCY}) (trim ${name})}}`,
});

const CURRENCY = '(default (trim @root.currency) @settings.currency)';

function withPoint(name: string): string {
  return `(replace (replace (trim ${name}) "." "") "," ".")`;
}
