import { defaultMapping, fieldsValidator, secretNames, type Fields } from '@firsthand/plugin-sdk';
import { isObject, isText, type FaultList, type Loose } from './fault-list.js';
import type { PluginChecks } from './plugin-checks.js';

const ACCEPTS: readonly unknown[] = ['event', 'profile', 'membership'];
const IDEMPOTENCY: readonly unknown[] = ['key', 'natural', 'receiver'];
const RECIPIENTS: readonly unknown[] = ['own', 'processor', 'third-party'];
const CHANNEL = /^[a-z][a-z0-9-]{0,39}$/;
const HANDLERS = ['send', 'ask', 'sendBatch', 'addMembers', 'removeMembers', 'listMembers', 'erase', 'ownIds'] as const;
const BATCHES = ['sendBatch', 'addMembers', 'removeMembers', 'erase'] as const;

/** Checks one destination of a plugin that was just imported: nothing about its shape is taken for granted. */
export function checkDestination(destination: unknown, place: string, list: FaultList, checks: PluginChecks): void {
  if (!isObject(destination)) return void list.must(false, `${place}: a destination is an object.`);
  const { suggests } = destination;
  list.must(isText(destination.label) && isText(destination.description), `${place}: label and description are needed.`);
  list.must(ACCEPTS.includes(destination.accepts), `${place}: accepts is one of event, profile, membership.`);
  list.must(IDEMPOTENCY.includes(destination.idempotency), `${place}: idempotency is one of key, natural, receiver.`);
  list.must(isObject(suggests) && isText(suggests.purpose) && RECIPIENTS.includes(suggests.recipient), `${place}: suggests names a purpose and a recipient.`);
  list.must(destination.channel === undefined || (isText(destination.channel) && CHANNEL.test(destination.channel)), `${place}: channel is 1 to 40 small letters, digits or -.`);
  checkHandlers(destination, place, list);
  if (list.must(isObject(destination.fields), `${place}: fields are needed.`)) checkFields(destination, place, list, checks);
}

function checkHandlers(destination: Loose, place: string, list: FaultList): void {
  for (const name of HANDLERS) list.must(destination[name] === undefined || typeof destination[name] === 'function', `${place}: ${name} is a function.`);
  const needed = destination.accepts === 'membership' ? destination.addMembers : destination.send ?? destination.sendBatch;
  list.must(needed !== undefined, `${place}: ${destination.accepts === 'membership' ? 'addMembers' : 'send or sendBatch'} is missing.`);
  list.must(destination.ask === undefined || destination.accepts !== 'membership', `${place}: what keeps members gives no answers (ask).`);
  // Consent can end at any time: whoever can be put in must be able to come out.
  list.must(destination.addMembers === undefined || destination.removeMembers !== undefined, `${place}: addMembers needs removeMembers.`);
  list.must(destination.listMembers === undefined || destination.accepts === 'membership', `${place}: listMembers is for a destination that accepts membership.`);
  checkListing(destination, place, list);
  const { eraseToldWithinDays: days } = destination;
  list.must(days === undefined || (typeof days === 'number' && days > 0 && destination.erase !== undefined), `${place}: eraseToldWithinDays is a number of days, of a destination that has erase.`);
  const { maxBatchSize } = destination;
  const isBatchSize = typeof maxBatchSize === 'function' || (typeof maxBatchSize === 'number' && Number.isInteger(maxBatchSize) && maxBatchSize >= 1);
  list.must(isBatchSize || BATCHES.every((name) => destination[name] === undefined), `${place}: maxBatchSize is needed with ${BATCHES.join(', ')}.`);
}

function checkListing({ listRecords, accepts }: Loose, place: string, list: FaultList): void {
  if (listRecords === undefined || !list.must(isObject(listRecords) && isText(listRecords.source) && typeof listRecords.page === 'function', `${place}: listRecords has a source and a page function.`)) return;
  list.must(accepts === 'profile', `${place}: listRecords is for a destination that accepts profile.`);
}

/** What a destination lists is read by the mapping of a source: it must be one of the same plugin. */
export function checkListedSource(destination: unknown, place: string, sources: Loose, list: FaultList): void {
  if (!isObject(destination) || !isObject(destination.listRecords) || !isText(destination.listRecords.source)) return;
  const { source } = destination.listRecords;
  list.must(Object.hasOwn(sources, source), `${place}: listRecords names "${source}", which is no source of the plugin.`);
}

function checkFields(destination: Loose, place: string, list: FaultList, checks: PluginChecks): void {
  const fields = destination.fields as Fields;
  const { identifiers } = destination;
  const names = Object.keys(fields);
  list.must(names.length > 0, `${place}: fields are needed.`);
  list.mustNotThrow(`${place}: fields`, () => fieldsValidator(fields));
  list.mustNotThrow(`${place}: fields`, () => list.must(secretNames(fields).length === 0, `${place}: only settings can be secret.`));
  if (list.must(Array.isArray(identifiers), `${place}: identifiers is a list of fields.`)) {
    const given = identifiers as unknown[];
    list.must(given.every((name) => isText(name) && names.includes(name)), `${place}: each identifier is one of its fields.`);
    list.must(given.length > 0 || (destination.removeMembers ?? destination.erase) === undefined, `${place}: a removal needs identifiers.`);
  }
  const { audience = [] } = destination;
  list.must(Array.isArray(audience) && Array.isArray(identifiers) && (audience as unknown[]).every((name) => (identifiers as unknown[]).includes(name)), `${place}: audience is a list of identifiers.`);
  list.mustNotThrow(`${place}: default mapping`, () => checks.compileDestinationMapping(defaultMapping(fields), names));
}
