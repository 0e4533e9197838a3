import { pick } from './fake-hubspot-batches.js';
import type { FakeContact } from './fake-hubspot-contacts.js';
import { HubspotProblem, invalidJson, readBody, readText, readTexts } from './fake-hubspot-problem.js';
import type { VendorAnswer } from './vendor-server.js';

const KEYS = ['filterGroups', 'sorts', 'properties', 'limit', 'after', 'query'] as const;
const FILTER_KEYS = ['propertyName', 'operator', 'value', 'values', 'highValue'] as const;
const MAX_PAGE = 200;
const MAX_RESULTS = 10_000;
const DEFAULT_PROPERTIES = ['firstname', 'lastname', 'email'];

type Test = (contact: FakeContact) => boolean;

/**
 * HubSpot's search of contacts: at most 5 groups of 6 filters (any group, all of its filters), one sorting, pages of at most 200, and nothing
 * past the 10,000th result.
 */
export function searchContacts(contacts: Iterable<FakeContact>, body: unknown): VendorAnswer {
  const { filterGroups = [], sorts = [], properties, limit = 10, after = '0', query } = readBody(body, KEYS, []);
  if (query !== undefined) throw invalidJson('query is not part of this fake');
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) throw refused(`limit must be between 1 and ${MAX_PAGE}`);
  const offset = Number(readText(after, 'after'));
  if (!Number.isInteger(offset) || offset < 0) throw refused('after is no page of this search');
  if (offset + limit > MAX_RESULTS) throw new HubspotProblem(400, undefined, 'There was a problem with the request.');

  const wanted = properties === undefined ? DEFAULT_PROPERTIES : readTexts(properties, 'properties');
  const groups = readGroups(filterGroups);
  const matching = [...contacts].filter((contact) => groups.length === 0 || groups.some((tests) => tests.every((test) => test(contact))));
  const found = sorted(matching, sorts);
  const results = found.slice(offset, offset + limit).map((contact) => pick(contact, wanted));
  const next = offset + results.length;
  const paging = next < found.length ? { paging: { next: { after: String(next) } } } : {};
  return { status: 200, json: { total: found.length, results, ...paging } };
}

function readGroups(groups: unknown): Test[][] {
  if (!Array.isArray(groups)) throw invalidJson('filterGroups is no list');
  if (groups.length > 5) throw refused('At most 5 filter groups are allowed');
  return groups.map((group) => {
    const { filters } = readBody(group, ['filters'], ['filters']);
    if (!Array.isArray(filters) || filters.length === 0 || filters.length > 6) throw refused('A filter group has 1 to 6 filters');
    return filters.map(readFilter);
  });
}

function readFilter(filter: unknown): Test {
  const { propertyName, operator, value } = readBody(filter, FILTER_KEYS, ['propertyName', 'operator']);
  const name = readText(propertyName, 'propertyName');
  const sought = comparable(readText(value, 'value'));
  const holds = OPERATORS.get(String(operator));
  if (holds === undefined) throw invalidJson(`Cannot deserialize value of type \`OperatorEnum\` from String "${String(operator)}"`);
  return (contact) => {
    const own = contact.properties[name];
    return own !== undefined && own !== null && holds(comparable(own), sought);
  };
}

const OPERATORS = new Map<string, (own: number | string, sought: number | string) => boolean>([
  ['EQ', (own, sought) => own === sought],
  ['NEQ', (own, sought) => own !== sought],
  ['GT', (own, sought) => own > sought],
  ['GTE', (own, sought) => own >= sought],
  ['LT', (own, sought) => own < sought],
  ['LTE', (own, sought) => own <= sought],
]);

/** Numbers and moments compare as numbers; a filter gives moments as epoch milliseconds. */
function comparable(value: string): number | string {
  if (/^\d+$/.test(value)) return Number(value);
  return /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value.toLowerCase();
}

function sorted(contacts: readonly FakeContact[], sorts: unknown): FakeContact[] {
  if (!Array.isArray(sorts)) throw invalidJson('sorts is no list');
  if (sorts.length > 1) throw refused('Only one sort is supported');
  const { propertyName = 'createdate', direction = 'ASCENDING' } = sorts.length === 0 ? {} : readBody(sorts[0], ['propertyName', 'direction'], ['propertyName']);
  if (direction !== 'ASCENDING' && direction !== 'DESCENDING') throw invalidJson(`Cannot deserialize value of type \`DirectionEnum\` from String "${String(direction)}"`);
  const name = readText(propertyName, 'propertyName');
  const sign = direction === 'ASCENDING' ? 1 : -1;
  const keyed = contacts.map((contact) => ({ contact, key: comparable(contact.properties[name] ?? '') }));
  return keyed.sort((a, b) => (a.key === b.key ? 0 : (a.key < b.key ? -1 : 1) * sign)).map(({ contact }) => contact);
}

function refused(message: string): HubspotProblem {
  return new HubspotProblem(400, 'VALIDATION_ERROR', message);
}
