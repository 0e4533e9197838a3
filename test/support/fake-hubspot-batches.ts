import { BY_APP, type FakeContact, type FakeHubspotContacts } from './fake-hubspot-contacts.js';
import { HubspotProblem, invalidJson, readBody, readInputs, readText, readTexts } from './fake-hubspot-problem.js';
import type { VendorAnswer } from './vendor-server.js';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** HubSpot's options are BCP 47 in lower case. */
const LANGUAGE = /^[a-z]{2,3}(?:-[a-z]{2,4})?$/;
const READ_ONLY = new Set(['hs_object_id', 'createdate', 'lastmodifieddate', 'hs_merged_object_ids', 'hs_additional_emails']);
const WRITABLE = new Set([
  'email', 'firstname', 'lastname', 'phone', 'mobilephone', 'address', 'city', 'state', 'zip', 'country', 'company', 'jobtitle', 'website', 'salutation', 'gender', 'date_of_birth',
  'hs_language', 'hs_email_optout', 'lifecyclestage', 'favorite_food',
]);
const LIFECYCLE_STAGES = new Set(['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'evangelist', 'other']);
const READ_KEYS = ['inputs', 'properties', 'propertiesWithHistory', 'idProperty'] as const;
const WRITE_KEYS = ['id', 'idProperty', 'properties', 'objectWriteTraceId'] as const;
const MAX_WITH_HISTORY = 50;

export function batchRead(contacts: FakeHubspotContacts, body: unknown): VendorAnswer {
  const { inputs, properties = [], propertiesWithHistory = [], idProperty } = readBody(body, READ_KEYS, ['inputs']);
  const ids = readInputs(inputs).map((input) => readText(readBody(input, ['id'], ['id']).id, 'id'));
  const [wanted, histories] = [readTexts(properties, 'properties'), readTexts(propertiesWithHistory, 'propertiesWithHistory')];
  if (histories.length > 0 && ids.length > MAX_WITH_HISTORY) {
    throw new HubspotProblem(400, 'VALIDATION_ERROR', `The maximum number of inputs supported in a batch request for property histories is ${MAX_WITH_HISTORY}. Please reduce the number of items and try again`);
  }
  if (idProperty !== undefined && idProperty !== 'email') throw notUnique(idProperty);
  const found = ids.map((id) => ({ id, contact: idProperty === 'email' ? contacts.byAnyEmail(id) : contacts.byId(id) }));
  const missing = found.filter(({ contact }) => contact === undefined).map(({ id }) => id);
  const known = [...new Set(found.flatMap(({ contact }) => contact ?? []))];
  const results = known.map((contact) => ({
    ...pick(contact, wanted),
    ...(histories.length === 0 ? {} : { propertiesWithHistory: Object.fromEntries(histories.map((name) => [name, contacts.historyOf(contact.id, name)])) }),
  }));
  return answerOf(contacts, results, missing.length === 0 ? [] : [notFound(missing)]);
}

export function batchUpsert(contacts: FakeHubspotContacts, body: unknown): VendorAnswer {
  const inputs = readInputs(readBody(body, ['inputs'], ['inputs']).inputs).map((input) => readWrite(input, ['id', 'idProperty', 'properties']));
  for (const { idProperty } of inputs) if (idProperty !== 'email') throw notUnique(idProperty);
  refuseTwice(inputs.map(({ id }) => id.toLowerCase()));
  const judge = ({ id, properties }: Write): HubspotProblem | undefined =>
    (EMAIL.test(id) ? judgeProperties(properties) : invalidValue('email', 'INVALID_EMAIL', `Email address ${id} is invalid`)) ?? takenEmail(contacts, contacts.byAnyEmail(id), properties);
  return writeEach(contacts, inputs, judge, ({ id, properties }) => {
    const known = contacts.byAnyEmail(id);
    const contact = known === undefined ? contacts.create({ email: id, ...properties }, BY_APP) : contacts.change(known.id, properties, BY_APP);
    return { ...pick(contact, Object.keys(properties)), new: known === undefined };
  });
}

export function batchUpdate(contacts: FakeHubspotContacts, body: unknown): VendorAnswer {
  const inputs = readInputs(readBody(body, ['inputs'], ['inputs']).inputs).map((input) => readWrite(input, ['id', 'properties']));
  for (const { idProperty } of inputs) if (idProperty !== undefined) throw new HubspotProblem(400, 'VALIDATION_ERROR', 'Unable to perform update/upsert by non-unique 0-1 property');
  refuseTwice(inputs.map(({ id }) => id));
  const missing = inputs.filter(({ id }) => contacts.byId(id) === undefined).map(({ id }) => id);
  const known = inputs.filter(({ id }) => !missing.includes(id));
  const judge = ({ id, properties }: Write): HubspotProblem | undefined => judgeProperties(properties) ?? takenEmail(contacts, contacts.byId(id), properties);
  return writeEach(contacts, known, judge, ({ id, properties }) => pick(contacts.change(id, properties, BY_APP), Object.keys(properties)), missing.length === 0 ? [] : [notFound(missing)]);
}

export function gdprDelete(contacts: FakeHubspotContacts, body: unknown): VendorAnswer {
  const { objectId, idProperty } = readBody(body, ['objectId', 'idProperty'], ['objectId']);
  const id = readText(objectId, 'objectId');
  if (idProperty !== undefined && idProperty !== 'email') throw notUnique(idProperty);
  if (idProperty === undefined && contacts.byId(id) === undefined) throw new HubspotProblem(404, 'OBJECT_NOT_FOUND', 'Object not found.  objectId are usually numeric.');
  contacts.forget(idProperty === 'email' ? { email: id } : { id }, BY_APP);
  return { status: 204 };
}

/** Pages of all contacts, in the order of their ids. */
export function listContacts(contacts: FakeHubspotContacts, query: Record<string, string>): VendorAnswer {
  const { limit = '10', after = '0', properties = 'firstname,lastname,email' } = query;
  const unknown = Object.keys(query).find((name) => !['limit', 'after', 'properties', 'archived'].includes(name));
  if (unknown !== undefined) throw new HubspotProblem(400, 'VALIDATION_ERROR', `${unknown} is no parameter`);
  if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > 100) throw new HubspotProblem(400, 'VALIDATION_ERROR', 'limit must be between 1 and 100');
  if (!/^\d+$/.test(after)) throw new HubspotProblem(400, 'VALIDATION_ERROR', 'after is not a cursor');
  const rest = contacts.all().filter(({ id }) => Number(id) > Number(after));
  const page = rest.slice(0, Number(limit));
  const paging = page.length < rest.length ? { paging: { next: { after: page.at(-1)?.id, link: 'https://api.hubapi.com/…' } } } : {};
  return { status: 200, json: { results: page.map((contact) => pick(contact, properties.split(','))), ...paging } };
}

/** A contact with the properties asked for, and those that HubSpot always gives. */
export function pick(contact: FakeContact, names: readonly string[]): FakeContact {
  const always = ['createdate', 'hs_object_id', 'lastmodifieddate'];
  return { ...contact, properties: Object.fromEntries([...always, ...names].map((name) => [name, contact.properties[name] ?? null])) };
}

interface Write {
  id: string;
  idProperty: unknown;
  properties: Record<string, string>;
  traceId: string | undefined;
}

interface BatchError {
  status: 'error';
  category: string | undefined;
  message: string;
  context: Record<string, unknown>;
}

/** Takes the good inputs and names the bad ones where all have a trace id; without, one bad input refuses the whole batch. */
function writeEach(contacts: FakeHubspotContacts, inputs: readonly Write[], judge: (input: Write) => HubspotProblem | undefined, write: (input: Write) => object, missing: BatchError[] = []): VendorAnswer {
  const results: object[] = [];
  const errors: BatchError[] = [];
  const hasTraces = inputs.every(({ traceId }) => traceId !== undefined);
  const first = inputs.map(judge).find((problem) => problem !== undefined);
  if (first !== undefined && !hasTraces) throw first;
  for (const input of inputs) {
    // Judged again: an input before it may have taken the email.
    const problem = judge(input);
    if (problem === undefined) results.push({ ...write(input), ...(input.traceId === undefined ? {} : { objectWriteTraceId: input.traceId }) });
    else errors.push({ status: 'error', category: problem.category, message: problem.message, context: { objectWriteTraceId: [input.traceId] } });
  }
  return answerOf(contacts, results, [...missing, ...errors]);
}

function answerOf(contacts: FakeHubspotContacts, results: readonly object[], errors: readonly BatchError[]): VendorAnswer {
  const moment = new Date(contacts.now()).toISOString();
  const told = errors.length === 0 ? {} : { numErrors: errors.length, errors };
  return { status: errors.length === 0 ? 200 : 207, json: { status: 'COMPLETE', results, ...told, startedAt: moment, completedAt: moment } };
}

function notFound(ids: readonly string[]): BatchError {
  return { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.', context: { ids } };
}

function refuseTwice(ids: readonly string[]): void {
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length > 0) throw new HubspotProblem(400, 'VALIDATION_ERROR', `Duplicate IDs found in batch input: [${twice.join(', ')}]. IDs must be unique`, { context: { ids: twice } });
}

function readWrite(input: unknown, required: readonly (typeof WRITE_KEYS)[number][]): Write {
  const { id, idProperty, properties, objectWriteTraceId } = readBody(input, WRITE_KEYS, required);
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) throw invalidJson('properties is no object');
  for (const [name, value] of Object.entries(properties)) if (typeof value !== 'string') throw invalidJson(`the value of "${name}" is no text`);
  return {
    id: readText(id, 'id'),
    idProperty,
    properties: properties as Record<string, string>,
    traceId: objectWriteTraceId === undefined ? undefined : readText(objectWriteTraceId, 'objectWriteTraceId'),
  };
}

function judgeProperties(properties: Record<string, string>): HubspotProblem | undefined {
  for (const [name, value] of Object.entries(properties)) {
    if (READ_ONLY.has(name)) return invalidValue(name, 'READ_ONLY_VALUE', `"${name}" is a read only property`);
    if (!WRITABLE.has(name)) return invalidValue(name, 'PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`);
    if (name === 'email' && !EMAIL.test(value.trim())) return invalidValue(name, 'INVALID_EMAIL', `Email address ${value} is invalid`);
    if (name === 'lifecyclestage' && value !== '' && !LIFECYCLE_STAGES.has(value)) return invalidValue(name, 'INVALID_OPTION', `${value} was not one of the allowed options`);
    if (name === 'hs_language' && value !== '' && !LANGUAGE.test(value)) return invalidValue(name, 'INVALID_OPTION', `${value} was not one of the allowed options`);
  }
  return undefined;
}

/** An email belongs to one contact. */
function takenEmail(contacts: FakeHubspotContacts, own: FakeContact | undefined, { email }: Record<string, string>): HubspotProblem | undefined {
  const holder = email === undefined ? undefined : contacts.byAnyEmail(email);
  return holder === undefined || holder.id === own?.id ? undefined : new HubspotProblem(409, 'CONFLICT', `Contact already exists. Existing ID: ${holder.id}`);
}

function notUnique(property: unknown): HubspotProblem {
  return new HubspotProblem(400, 'VALIDATION_ERROR', `The property ${String(property)} is not unique`);
}

function invalidValue(name: string, code: string, message: string): HubspotProblem {
  const detail = [{ isValid: false, message, error: code, name, localizedErrorMessage: message, portalId: 891936587 }];
  return new HubspotProblem(400, 'VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(detail)}`, {
    errors: [{ message, code, context: { propertyName: [name] } }],
  });
}
