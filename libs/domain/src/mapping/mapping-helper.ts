import type { JsonValue } from '../json.js';

/** A value on its way through a template: JSON, or absent. */
export type MappedValue = JsonValue | undefined;

/** One argument of a helper. */
export interface HelperArgument {
  name: string;
  description: string;
  isOptional?: boolean;
  /** May be repeated; only the last argument. */
  isRest?: boolean;
}

/** One function that templates may call. Pure, never throws, gives undefined for what it cannot read. */
export interface MappingHelper {
  name: string;
  description: string;
  args: readonly HelperArgument[];
  /** Runs as a test: `template` over `record` gives `gives`. */
  example: { template: string; record: JsonValue; gives: JsonValue };
  run(...args: MappedValue[]): MappedValue;
}

/** The text of a scalar; undefined for null, lists and objects. */
export function textOf(value: MappedValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The number that a scalar is, thousands commas allowed; undefined when it is none. */
export function numberOf(value: MappedValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[+-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d+)?\s*$/.test(value)) return undefined;
  const number = Number(value.replaceAll(',', ''));
  return Number.isFinite(number) ? number : undefined;
}

/** Whether a condition holds: everything but absent, null, false, 0, the empty string and the empty list. */
export function isTruthy(value: MappedValue): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Whether there is nothing to map: absent, null or the empty string. */
export function isAbsent(value: MappedValue): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}
