import { HubspotProblem, invalidJson, readBody, readInputs, readText, readTexts } from './fake-hubspot-problem.js';
import type { VendorAnswer } from './vendor-server.js';

/** A contact as HubSpot's API gives it. */
export interface FakeContact {
  id: string;
  properties: Record<string, string | null>;
  createdAt: string;
  updatedAt: string;
  archived: boolean;
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const READ_ONLY = new Set(['hs_object_id', 'createdate', 'lastmodifieddate', 'hs_merged_object_ids', 'hs_additional_emails']);
const WRITABLE = new Set([
  'email', 'firstname', 'lastname', 'phone', 'mobilephone', 'address', 'city', 'state', 'zip', 'country', 'company', 'jobtitle', 'website', 'salutation',
  'hs_language', 'hs_email_optout', 'lifecyclestage', 'favorite_food',
]);
const LIFECYCLE_STAGES = new Set(['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'evangelist', 'other']);
const READ_KEYS = ['inputs', 'properties', 'propertiesWithHistory', 'idProperty'] as const;
const UPSERT_KEYS = ['id', 'idProperty', 'properties', 'objectWriteTraceId'] as const;

/** The contacts of a fake HubSpot account, with the rules of its batch endpoints. */
export class FakeHubspotContacts {
  /** By lower-case email. */
  readonly byEmail = new Map<string, FakeContact>();
  /** Emails that were deleted for good, or put on the blocklist. */
  readonly forgotten = new Set<string>();
  private nextId = 101;

  constructor(private readonly now: () => number) {}

  /** Puts a contact there, as if it had been made in HubSpot. */
  add(properties: Record<string, string> & { email: string }, at = this.now()): FakeContact {
    return this.write(properties.email, properties, at).contact;
  }

  byId(id: string): FakeContact | undefined {
    return [...this.byEmail.values()].find((contact) => contact.id === id || contact.properties.hs_merged_object_ids?.split(';').includes(id));
  }

  batchRead(body: unknown): VendorAnswer {
    const { inputs, properties = [], idProperty } = readBody(body, READ_KEYS, ['inputs']);
    const ids = readInputs(inputs).map((input) => readText(readBody(input, ['id'], ['id']).id, 'id'));
    const wanted = readTexts(properties, 'properties');
    if (idProperty !== undefined && idProperty !== 'email') throw new HubspotProblem(400, 'VALIDATION_ERROR', `The property ${String(idProperty)} is not unique`);
    const found = ids.map((id) => ({ id, contact: idProperty === 'email' ? this.byAnyEmail(id) : this.byId(id) }));
    const missing = found.filter(({ contact }) => contact === undefined).map(({ id }) => id);
    const results = found.flatMap(({ contact }) => (contact === undefined ? [] : [pick(contact, wanted)]));
    const errors = missing.length === 0 ? {} : {
      numErrors: 1,
      errors: [{
        status: 'error', category: 'OBJECT_NOT_FOUND',
        message: 'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.', context: { ids: missing },
      }],
    };
    return { status: missing.length === 0 ? 200 : 207, json: { status: 'COMPLETE', results, ...errors, ...this.times() } };
  }

  batchUpsert(body: unknown): VendorAnswer {
    const inputs = readInputs(readBody(body, ['inputs'], ['inputs']).inputs).map(readUpsert);
    const ids = inputs.map(({ id }) => id.toLowerCase());
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    if (twice.length > 0) throw new HubspotProblem(400, 'VALIDATION_ERROR', `Duplicate IDs found in batch input: [${twice.join(', ')}]. IDs must be unique`, { context: { ids: twice } });
    const judged = inputs.map((input) => ({ input, problem: judge(input) }));
    const first = judged.find(({ problem }) => problem !== undefined)?.problem;
    // Without a trace id on every input one bad input refuses the whole batch.
    if (first !== undefined && inputs.some(({ traceId }) => traceId === undefined)) throw first;
    const good = judged.filter(({ problem }) => problem === undefined);
    const results = good.map(({ input }) => {
      const { contact, isNew } = this.write(input.id, input.properties, this.now());
      const trace = input.traceId === undefined ? {} : { objectWriteTraceId: input.traceId };
      return { ...pick(contact, Object.keys(input.properties)), new: isNew, ...trace };
    });
    const errors = judged.flatMap(({ input, problem }) =>
      problem === undefined ? [] : [{ status: 'error', category: problem.category, message: problem.message, context: { objectWriteTraceId: [input.traceId] } }]);
    if (errors.length === 0) return { status: 200, json: { status: 'COMPLETE', results, ...this.times() } };
    return { status: 207, json: { status: 'COMPLETE', results, numErrors: errors.length, errors, ...this.times() } };
  }

  gdprDelete(body: unknown): VendorAnswer {
    const { objectId, idProperty } = readBody(body, ['objectId', 'idProperty'], ['objectId']);
    const id = readText(objectId, 'objectId');
    if (idProperty !== undefined && idProperty !== 'email') throw new HubspotProblem(400, 'VALIDATION_ERROR', `The property ${String(idProperty)} is not unique`);
    const contact = idProperty === 'email' ? this.byAnyEmail(id) : this.byId(id);
    if (contact === undefined && idProperty === undefined) throw new HubspotProblem(404, 'OBJECT_NOT_FOUND', 'Object not found.  objectId are usually numeric.');
    const email = contact?.properties.email?.toLowerCase() ?? id.toLowerCase();
    this.byEmail.delete(email);
    this.forgotten.add(email);
    return { status: 204 };
  }

  private byAnyEmail(email: string): FakeContact | undefined {
    const sought = email.toLowerCase();
    return this.byEmail.get(sought) ?? [...this.byEmail.values()].find(({ properties }) => properties.hs_additional_emails?.toLowerCase().split(';').includes(sought));
  }

  private write(email: string, properties: Record<string, string>, at: number): { contact: FakeContact; isNew: boolean } {
    const known = this.byAnyEmail(email);
    const moment = new Date(at).toISOString();
    const id = known?.id ?? String(this.nextId++);
    const cleared = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value === '' ? null : value]));
    const contact: FakeContact = {
      id,
      properties: { ...(known?.properties ?? { email: email.toLowerCase(), createdate: moment, hs_object_id: id }), ...cleared, lastmodifieddate: moment },
      createdAt: known?.createdAt ?? moment,
      updatedAt: moment,
      archived: false,
    };
    this.byEmail.set(known?.properties.email?.toLowerCase() ?? email.toLowerCase(), contact);
    return { contact, isNew: known === undefined };
  }

  private times(): { startedAt: string; completedAt: string } {
    const moment = new Date(this.now()).toISOString();
    return { startedAt: moment, completedAt: moment };
  }
}

/** A contact with the properties asked for, and those that HubSpot always gives. */
export function pick(contact: FakeContact, names: readonly string[]): FakeContact {
  const always = ['createdate', 'hs_object_id', 'lastmodifieddate'];
  return { ...contact, properties: Object.fromEntries([...always, ...names].map((name) => [name, contact.properties[name] ?? null])) };
}

interface Upsert {
  id: string;
  properties: Record<string, string>;
  traceId: string | undefined;
}

function readUpsert(input: unknown): Upsert {
  const { id, idProperty, properties, objectWriteTraceId } = readBody(input, UPSERT_KEYS, ['id', 'idProperty', 'properties']);
  if (idProperty !== 'email') throw new HubspotProblem(400, 'VALIDATION_ERROR', `The property ${String(idProperty)} is not unique`);
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) throw invalidJson('properties is no object');
  for (const [name, value] of Object.entries(properties)) if (typeof value !== 'string') throw invalidJson(`the value of "${name}" is no text`);
  return {
    id: readText(id, 'id'),
    properties: properties as Record<string, string>,
    traceId: objectWriteTraceId === undefined ? undefined : readText(objectWriteTraceId, 'objectWriteTraceId'),
  };
}

function judge({ id, properties }: Upsert): HubspotProblem | undefined {
  if (!EMAIL.test(id)) return invalidValue('email', 'INVALID_EMAIL', `Email address ${id} is invalid`);
  for (const [name, value] of Object.entries(properties)) {
    if (READ_ONLY.has(name)) return invalidValue(name, 'READ_ONLY_VALUE', `"${name}" is a read only property`);
    if (!WRITABLE.has(name)) return invalidValue(name, 'PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`);
    if (name === 'email' && !EMAIL.test(value)) return invalidValue(name, 'INVALID_EMAIL', `Email address ${value} is invalid`);
    if (name === 'lifecyclestage' && value !== '' && !LIFECYCLE_STAGES.has(value)) return invalidValue(name, 'INVALID_OPTION', `${value} was not one of the allowed options`);
  }
  return undefined;
}

function invalidValue(name: string, code: string, message: string): HubspotProblem {
  const detail = [{ isValid: false, message, error: code, name, localizedErrorMessage: message, portalId: 891936587 }];
  return new HubspotProblem(400, 'VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(detail)}`, {
    errors: [{ message, code, context: { propertyName: [name] } }],
  });
}
