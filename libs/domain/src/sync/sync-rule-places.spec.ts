import { PURPOSE_DEFAULTS, type Purpose } from '../consent/consent.js';
import { syncRulePlaces, type SyncSurroundings } from './sync-rule-places.js';
import { syncRuleContentSchema, type SyncRule } from './sync-rule.js';

const rule = (change: object = {}, ruleId = 'crm'): SyncRule => ({
  ruleId, version: 1, ...syncRuleContentSchema.parse({ name: 'CRM', connectionId: 'crm', action: 'upsert', purpose: 'marketing', fields: [{ field: 'profile.city', to: 'city' }, { field: 'profile.phone', to: 'phone' }], ...change }),
});
const purpose = (key: string, fields: string[]): Purpose => ({ key, name: {}, description: {}, lawfulBasis: 'consent', fields, ...PURPOSE_DEFAULTS, separateConsent: [], expiresAfterDays: null });
const PURPOSES: Record<string, Purpose> = { marketing: purpose('marketing', ['profile.*', 'identities.email']), ads: purpose('ads', ['profile.city', 'profile.phone']), closed: purpose('closed', ['profile.*']) };
const field = (isRequired = false) => ({ isRequired, hasDefault: isRequired });
const ACTIONS = { upsert: { email: field(true), city: field(), phone: field(), properties: field() }, 'send-event': {}, list: { email: field(true), listId: { isRequired: true, hasDefault: false } }, 'add-only': { email: field(true) } };
const KINDS: Record<string, 'event' | 'profile' | 'membership'> = { upsert: 'profile', 'send-event': 'event', list: 'membership', 'add-only': 'membership' };

const surroundings = (others: SyncRule[] = []): SyncSurroundings => ({
  flows: {
    hasPurpose: (key) => key in PURPOSES, hasSegment: (id) => ['vip', 'seen'].includes(id), hasTrait: (name) => ['city', 'phone', 'custom.food'].includes(name),
    destinationActions: (connectionId) => (connectionId.startsWith('crm') ? ACTIONS : undefined), syncModes: (_, action) => (action === 'list' ? ['mirror', 'add'] : action === 'add-only' ? ['add'] : []),
    asks: () => undefined, fieldMistake: (path) => (path === 'profile.shoe' ? 'there is none' : null), eventDoubt: () => null, reachOf: (key) => (key === 'closed' ? { channels: [], recipients: ['erp'] } : { channels: [], recipients: null }), mappingPlaces: () => [],
  },
  purpose: (key) => PURPOSES[key], accepts: (connectionId, action) => (connectionId.startsWith('crm') ? KINDS[action] : undefined), needs: () => new Map([['email', ['profile.email', 'identities.email']]]),
  purposeOfSegment: (id) => ({ vip: 'marketing', seen: 'ads' })[id], systemOf: (id) => (id.startsWith('crm') ? 'acme' : id), others,
});
const wrong = (change: object, others?: SyncRule[]): string[] => syncRulePlaces(rule(change), surroundings(others)).map(({ path, message }) => `${path} ${message}`);
const list = (change: object = {}) => ({ memberships: [{ segmentId: 'vip', action: 'list', values: { listId: '7' }, ...change }] });

it('takes a rule that its workspace bears out', () => {
  expect(wrong({ fields: [{ field: 'profile.custom.food', to: 'properties.food' }, { field: 'profile.city', to: 'properties.town' }], condition: { all: [{ segment: 'vip' }, { trait: 'city', op: 'exists' }] }, ...list() })).toEqual([]);
});

it.each<[string, object, string[]]>([
  ['a connection that is not there', { connectionId: 'gone' }, ['/connectionId there is no such destination connection']],
  ['an action that is not there', { action: 'gone' }, ['/action must be one of upsert, send-event, list, add-only']],
  ['an action that takes events', { action: 'send-event', fields: [{ field: 'profile.city', to: 'city' }] }, ['/fields/0/to the action has no such field', '/action takes events: it must be one that takes profiles']],
  ['a purpose that is not there', { purpose: 'gone' }, ['/purpose there is no such purpose']],
  ['a purpose of which the connection is no recipient', { purpose: 'closed' }, ['/connectionId is no recipient of the purpose']],
  ['a purpose that covers nothing by which the person is known there', { purpose: 'ads' }, ['/purpose covers nothing that email of the action can be filled from']],
  ['a field that the purpose does not cover', { purpose: 'ads', fields: [{ field: 'profile.custom.food', to: 'email' }] }, ['/fields/0/field is not covered by the purpose']],
  ['a field that the dictionary has not', { fields: [{ field: 'profile.shoe', to: 'city' }] }, ['/fields/0/field the dictionary has no such profile field']],
  ['a field that the action has not', { fields: [{ field: 'profile.city', to: 'town.name' }] }, ['/fields/0/to the action has no such field']],
  ['a field that is there twice', { fields: [{ field: 'profile.city', to: 'city' }, { field: 'profile.city', to: 'phone' }] }, ['/fields/1/field is there twice']],
  ['two fields that go to one', { fields: [{ field: 'profile.city', to: 'properties.x' }, { field: 'profile.phone', to: 'properties' }] }, ['/fields/1/to is written by another field of the rule']],
  ['a condition that names what is not there', { condition: { all: [{ trait: 'shoe', op: 'exists' }, { segment: 'gone' }] } }, ['/condition/all/0/trait the dictionary has no such profile field', '/condition/all/1/segment there is no such segment']],
  ['a condition on events, which would start nothing', { condition: { event: 'Order Completed' } }, ['/condition reads events: name a segment that reads them, and who enters it is written']],
  ['a segment that is not there', list({ segmentId: 'gone' }), ['/memberships/0/segmentId there is no such segment']],
  ['a segment of another purpose', list({ segmentId: 'seen' }), ['/memberships/0/segmentId is made for the purpose ads']],
  ['an action that keeps no members', list({ action: 'upsert', values: {} }), ['/memberships/0/action the action keeps no members']],
  ['an action that cannot take anybody out', list({ action: 'add-only', values: {} }), ['/memberships/0/action must be one of add']],
  ['what an action has to be told', list({ values: {} }), ['/memberships/0/values the required field `listId` is not mapped']],
  ['what an action does not know', list({ values: { listId: '7', colour: 'red' } }), ['/memberships/0/values/colour the action has no such field']],
])('refuses %s, with the place', (_, change, places) => expect(wrong(change)).toEqual(places));

it('refuses what another rule writes to the same system, over whatever connection', () => {
  const others = [rule({ connectionId: 'crm-eu', fields: [{ field: 'profile.phone', to: 'mobile' }] }, 'eu'), rule({ connectionId: 'crm-us', fields: [{ field: 'profile.custom.food', to: 'city' }] }, 'us'), rule({ connectionId: 'erp' }, 'erp'), rule({}, 'crm')];
  expect(wrong({}, others)).toEqual(['/fields/0/to is written by the rule us already', '/fields/1/field is written by the rule eu already']);
});
