import type { ErrorPlace } from '../errors/firsthand-error.js';
import type { CustomField } from './custom-field.js';
import type { FieldSettlement } from './dictionary.js';
import { PII_CLASSES } from './field-definition.js';

/** What may be done with stored values when a field changes in a way that breaks. */
export const STORED_VALUES = ['convert', 'drop', 'keep'] as const;
export type StoredValues = (typeof STORED_VALUES)[number];

/** One change of the dictionary. `path` as the dictionary has it; of an event `event:<name>`, of an entity `entity:<name>`. */
export interface DictionaryChange {
  path: string;
  change: 'added' | 'changed' | 'renamed' | 'removed';
  /** What breaks by it, in words; empty when nothing does. */
  breaks: readonly string[];
  /** What was chosen for stored values; null where there is nothing to choose. */
  storedValues: StoredValues | null;
  /** Of a renamed field, its new path. */
  to?: string;
}

/** A version of a workspace's dictionary: the major number grows with what breaks, the minor one with all else. Versions are only ever added. */
export interface DictionaryVersion {
  major: number;
  minor: number;
  /** Epoch ms. */
  at: number;
  changes: readonly DictionaryChange[];
}

/** What every workspace begins with: the built-in schema alone. */
export const FIRST_VERSION: Pick<DictionaryVersion, 'major' | 'minor'> = { major: 1, minor: 0 };

/**
 * The version that follows.
 *
 * @example nextVersion({ major: 1, minor: 4 }, true) // { major: 2, minor: 0 }
 */
export function nextDictionaryVersion({ major, minor }: Pick<DictionaryVersion, 'major' | 'minor'>, isBreaking: boolean): { major: number; minor: number } {
  return isBreaking ? { major: major + 1, minor: 0 } : { major, minor: minor + 1 };
}

/** `2.1` */
export function versionText({ major, minor }: Pick<DictionaryVersion, 'major' | 'minor'>): string {
  return `${major}.${minor}`;
}

/**
 * What breaks for who reads a field when it becomes another one, or none (null): another name or type, values that are taken no longer, a class of personal data under which
 * more people see it. Each place is a member of the field.
 *
 * @example findBreaks({ …size, type: 'integer' }, { …size, type: 'string' }) // [{ path: '/type', message: 'was integer' }]
 */
export function findBreaks(before: CustomField, after: CustomField | null): ErrorPlace[] {
  if (after === null) return [{ path: '', message: 'is taken out' }];
  const breaks: ErrorPlace[] = [];
  if (plainName(before) !== plainName(after)) breaks.push({ path: '/name', message: `was "${plainName(before)}"` });
  if (before.type !== after.type && !(before.type === 'integer' && after.type === 'number')) breaks.push({ path: '/type', message: `was ${before.type}` });
  const { values } = after;
  const lost = values === undefined ? [] : before.values?.filter((value) => !values.includes(value)) ?? ['any text'];
  if (lost.length > 0) breaks.push({ path: '/values', message: `took ${lost.slice(0, 5).join(', ')}` });
  if (rank(after) < rank(before)) breaks.push({ path: '/pii', message: `was ${before.pii ?? 'personal'}: more people would see it` });
  return breaks;
}

function plainName({ name }: CustomField): string {
  return name.replace(/^custom\./, '');
}

function rank({ pii = 'personal' }: CustomField): number {
  return PII_CLASSES.indexOf(pii);
}

/**
 * What becomes of stored values of profile fields by all versions up to now, by canonical name. What was added again under a name has nothing to do with what was there before.
 *
 * @param versions oldest first
 * @example settlementsOf(versions).get('custom.shoeSize') // { action: 'convert' }
 */
export function settlementsOf(versions: readonly Pick<DictionaryVersion, 'changes'>[]): Map<string, FieldSettlement> {
  const settlements = new Map<string, FieldSettlement>();
  for (const { path, to, change, storedValues } of versions.flatMap(({ changes }) => changes)) {
    const [name, target] = [profileName(path), to === undefined ? null : profileName(to)];
    if (name === null) continue;
    // The newest change stands last: values move through the names in the order in which the names changed.
    if (change === 'added' || storedValues !== null) settlements.delete(name);
    if (target !== null) settlements.delete(target);
    if (storedValues === 'drop') settlements.set(name, { action: 'drop' });
    if (storedValues === 'convert') settlements.set(name, target === null ? { action: 'convert' } : { action: 'move', to: target });
  }
  return settlements;
}

function profileName(path: string): string | null {
  return path.startsWith('profile.custom.') ? path.slice('profile.'.length) : null;
}
