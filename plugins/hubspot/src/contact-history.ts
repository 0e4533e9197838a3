import { RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';
import type { HubspotContact } from './read-contacts.js';

/** Who or what made a change, as HubSpot's history says it: e.g. `CRM_UI`, or `INTEGRATION` with the id of the app. */
export interface ChangeOrigin {
  changeSource?: string;
  sourceId?: string;
}

/** One property as it is now, and since when. */
export interface PropertyState extends ChangeOrigin {
  property: string;
  /** Epoch ms; undefined where HubSpot does not say. */
  at: number | undefined;
  /** Whether another value than the newest one stands: a merge has brought it back. */
  isBroughtBack: boolean;
}

/**
 * Since when each of these properties is as it is, by HubSpot's history; those that never had a value are left out. The value that stands is the newest one; after
 * a merge it may be an older one, of the contact that was chosen: it counts as said just after the newest, for by that it was outdone.
 */
export function propertyStates({ properties, propertiesWithHistory }: HubspotContact, names: readonly string[]): PropertyState[] {
  const histories = isObject(propertiesWithHistory) ? propertiesWithHistory : {};
  return names.flatMap((property): PropertyState[] => {
    const value = properties[property] ?? '';
    const entry = newest(histories[property]);
    if (entry === undefined) return value === '' ? [] : [{ property, at: undefined, isBroughtBack: false }];
    const isBroughtBack = (entry.value ?? '') !== value;
    return [{ property, at: entry.at + (isBroughtBack ? 1 : 0), isBroughtBack, ...(isBroughtBack ? {} : entry.origin) }];
  });
}

/**
 * A contact as one record for each moment at which any of these properties became what it is, the oldest first: so that nothing is said as of a time at which something
 * else has changed. The last one is of `lastmodifieddate`, and has what is of no known time.
 *
 * @throws RetryableError when HubSpot gave no `lastmodifieddate`.
 */
export function changeRecords(contact: HubspotContact, names: readonly string[]): JsonObject[] {
  const modifiedAt = readModifiedAt(contact);
  const moments = new Map<number, PropertyState[]>([[modifiedAt, []]]);
  for (const state of propertyStates(contact, names)) {
    const at = Math.min(state.at ?? modifiedAt, modifiedAt);
    moments.set(at, [...(moments.get(at) ?? []), state]);
  }
  const now = Object.fromEntries(Object.entries(contact).filter(([name]) => name !== 'propertiesWithHistory'));
  return [...moments].sort(([a], [b]) => a - b).map(([at, states]) => ({
    ...now, changedAt: new Date(at).toISOString(), changed: changeList(states.map(({ property }) => property)), ...commonOrigin(states),
  }));
}

/**
 * The moment of a contact's last change, in epoch ms.
 *
 * @throws RetryableError when HubSpot gave none.
 */
export function readModifiedAt({ properties }: HubspotContact): number {
  const time = typeof properties.lastmodifieddate === 'string' ? Date.parse(properties.lastmodifieddate) : Number.NaN;
  if (Number.isNaN(time)) throw new RetryableError('HubSpot gave a contact without lastmodifieddate.');
  return time;
}

/** The names in the form that the mapping looks them up in: `;phone;city;`. A list would be no list to it when it is empty. */
export function changeList(names: readonly string[]): string {
  return `;${names.map((name) => `${name};`).join('')}`;
}

interface HistoryEntry {
  at: number;
  value: JsonValue | undefined;
  origin: ChangeOrigin;
}

function newest(history: JsonValue | undefined): HistoryEntry | undefined {
  const entries = (Array.isArray(history) ? history : []).flatMap((entry): HistoryEntry[] => {
    if (!isObject(entry) || typeof entry.timestamp !== 'string') return [];
    const at = Date.parse(entry.timestamp);
    return Number.isNaN(at) ? [] : [{ at, value: entry.value, origin: originOf(entry) }];
  });
  return entries.reduce<HistoryEntry | undefined>((latest, entry) => (latest === undefined || entry.at > latest.at ? entry : latest), undefined);
}

function originOf({ sourceType, sourceId }: JsonObject): ChangeOrigin {
  return { ...(typeof sourceType === 'string' ? { changeSource: sourceType } : {}), ...(typeof sourceId === 'string' ? { sourceId } : {}) };
}

/** Who made the changes of one moment, where it was one alone. */
function commonOrigin(states: readonly PropertyState[]): ChangeOrigin {
  const [first, ...others] = states.map(({ changeSource, sourceId }) => ({ changeSource, sourceId }));
  if (first?.changeSource === undefined || others.some((other) => other.changeSource !== first.changeSource || other.sourceId !== first.sourceId)) return {};
  return { changeSource: first.changeSource, ...(first.sourceId === undefined ? {} : { sourceId: first.sourceId }) };
}
