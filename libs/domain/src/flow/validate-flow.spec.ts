import { z } from 'zod';
import { createDictionary } from '../canonical/create-dictionary.js';
import { fieldMistake } from '../canonical/field-mistake.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import { flowDoubts } from './flow-doubts.js';
import { flowContentSchema, flowDefinitionSchema } from './flow-schema.js';
import type { FlowDefinition, FlowStep } from './flow.js';
import { parseFlow, type FlowEnvironment } from './validate-flow.js';

const dictionary = createDictionary();
const environment: FlowEnvironment = {
  fieldMistake: (path) => fieldMistake(path, dictionary), eventDoubt: (name) => (name === 'Ordr Completed' ? 'is unknown' : null),
  hasPurpose: (key) => ['marketing', 'service', 'closed'].includes(key),
  hasSegment: (id) => id === 'vip',
  hasList: (id) => id === 'guests',
  hasTrait: (name) => ['city', 'email'].includes(name),
  destinationActions: (connectionId) =>
    connectionId === 'crm'
      ? { 'upsert-contact': { email: { isRequired: true, hasDefault: true }, tag: { isRequired: true, hasDefault: false }, address: { isRequired: false, hasDefault: false } }, 'one-way': {} }
      : undefined,
  syncModes: (_connectionId, action) => (action === 'one-way' ? ['upsert', 'add', 'update'] : []),
  asks: (connectionId) => (connectionId === 'crm' ? { recipient: 'processor', actions: ['upsert-contact'] } : undefined),
  reachOf: (purpose) => (purpose === 'closed' ? { channels: ['email'], recipients: ['erp'] } : { channels: ['email', 'sms'], recipients: null }),
  mappingPlaces: (mapping) => (JSON.stringify(mapping).includes('{{broken') ? [{ path: '/tag', message: 'is not closed' }] : []),
};
const deliver: FlowStep = { id: 'to-crm', type: 'deliver', connectionId: 'crm', action: 'upsert-contact', mapping: { tag: 'new' } };

function flow(overrides: Partial<FlowDefinition> = {}): FlowDefinition {
  return {
    flowId: 'f', version: 1, name: 'Welcome', purpose: 'marketing', trigger: { type: 'event', name: 'Order Completed' }, steps: [deliver], acceptsHistorical: false,
    ...overrides,
  };
}

function wrongPlaces(value: unknown): string[] {
  try {
    parseFlow(value, environment);
    return [];
  } catch (error) {
    if (!(error instanceof FirsthandError)) throw error;
    expect(error.code).toBe('INVALID_FLOW');
    return error.places.map((place) => place.path);
  }
}

describe('parseFlow', () => {
  it('says of a step that changes a list whether there is one', () => {
    const steps = (segmentId: string): FlowStep[] => [{ id: 'on', type: 'addToList', segmentId }, { id: 'off', type: 'removeFromList', segmentId }];
    expect(wrongPlaces(flow({ steps: steps('guests') }))).toEqual([]);
    for (const segmentId of ['vip', 'gone']) expect(wrongPlaces(flow({ steps: [deliver, ...steps(segmentId)] }))).toEqual(['/steps/1/segmentId', '/steps/2/segmentId']);
  });

  it('gives back a flow that its workspace bears out', () => {
    const definition = flow({
      trigger: { type: 'segment', segmentId: 'vip', on: 'both' },
      steps: [
        { id: 'only-here', type: 'filter', condition: { all: [{ trait: 'city', op: 'eq', value: 'Suzhou' }, { not: { segment: 'vip' } }, { consent: 'service' }] } },
        { id: 'later', type: 'delay', span: { hours: 2 } },
        { ...deliver, purpose: 'service', mapping: [{ $when: '{{profile.city}}', 'address.city': '{{profile.city}}' }, { tag: { $const: 'a' } }] },
      ],
    });
    expect(parseFlow(definition, environment)).toEqual(definition);
  });

  const filter = (condition: unknown) => ({ id: 'f1', type: 'filter', condition }) as FlowStep;
  it.each<[string, unknown, string[]]>([
    ['no object', null, ['']],
    ['an unknown part', { ...flow(), enabled: true }, ['']],
    ['a goal and an exit that name nothing to wait for, or what is not there', flow({ goal: { name: 'bought' }, exit: { event: { name: 'Order Completed', sameKey: true }, condition: { segment: 'gone' } } }), ['/goal', '/exit/event/sameKey', '/exit/condition/segment']],
    ['an answer that no call gives', flow({ steps: [{ ...deliver, mapping: { tag: '{{answers.gone.tag}}' } }, { id: 'f1', type: 'filter', condition: { answer: 'gone', path: 'tag', op: 'exists' } }] }), ['/steps/0/mapping/tag', '/steps/1/condition/answer']],
    ['no steps', flow({ steps: [] }), ['/steps']],
    ['no delivery', flow({ steps: [{ id: 'later', type: 'delay', span: { hours: 2 } }] }), ['/steps']],
    ['too many steps', flow({ steps: Array.from({ length: 51 }, (_, index) => ({ ...deliver, id: `s${index}` })) }), ['/steps']],
    ['an unknown step type', flow({ steps: [{ ...deliver, type: 'send' } as unknown as FlowStep] }), ['/steps/0/type']],
    ['no purpose', flow({ purpose: '' }), ['/purpose']],
    ['a sync mode where nobody is a member', flow({ steps: [{ ...deliver, sync: 'mirror' }] }), ['/steps/0/sync']],
    ['a sync mode that the action cannot do, also by default', flow({ steps: [{ ...deliver, action: 'one-way', mapping: {} }, { ...deliver, id: 'out', action: 'one-way', mapping: {}, sync: 'delete' }] }), ['/steps/0/sync', '/steps/1/sync']],
    ['no such purpose', flow({ purpose: 'fun', steps: [{ ...deliver, purpose: 'fun' }] }), ['/purpose', '/steps/0/purpose']],
    ['no such segment to start from', flow({ trigger: { type: 'segment', segmentId: 'gone', on: 'left' } }), ['/trigger/segmentId']],
    ['a wrong condition of the trigger', flow({ trigger: { type: 'event', name: 'A', where: [{ path: 'nowhere', op: 'exists' }] } }), ['/trigger/where/0/path']],
    ['a step id twice', flow({ steps: [deliver, deliver] }), ['/steps/1/id']],
    ['no such connection', flow({ steps: [{ ...deliver, connectionId: 'gone' }] }), ['/steps/0/connectionId']],
    ['no such action', flow({ steps: [{ ...deliver, action: 'toString' }] }), ['/steps/0/action']],
    ['a required field without default or mapping', flow({ steps: [{ ...deliver, mapping: undefined }] }), ['/steps/0/mapping']],
    ['an unknown field', flow({ steps: [{ ...deliver, mapping: [{ tag: 'x' }, { 'tags.first': 'x' }] }] }), ['/steps/0/mapping/1/tags.first']],
    ['a mapping that does not compile', flow({ steps: [{ ...deliver, mapping: { tag: '{{broken' } }] }), ['/steps/0/mapping/tag']],
    ['a wrong filter', flow({ steps: [filter({ any: [{ trait: 'city', op: 'gt', value: 'x' }] }), deliver] }), ['/steps/0/condition/any/0/value']],
    ['a filter on what is not there', flow({ steps: [filter({ all: [{ trait: 'age', op: 'exists' }, { any: [{ not: { segment: 'gone' } }, { consent: 'gone' }] }, { event: 'Any' }] }), deliver] }),
      ['/steps/0/condition/all/0/trait', '/steps/0/condition/all/1/any/0/not/segment', '/steps/0/condition/all/1/any/1/consent']],
    ['nothing that is done', flow({ steps: [{ id: 'x', type: 'exit' }] }), ['/steps']],
    ['a step that is not there', flow({ steps: [{ id: 'b', type: 'branch', branches: [{ condition: { all: [] }, next: 'gone' }], else: 'gone' }, deliver] }), ['/steps/0/branches/0/next', '/steps/0/else', '/steps/1']],
    ['a circle', flow({ steps: [deliver, { id: 'later', type: 'delay', span: { days: 1 }, next: 'to-crm' }] }), ['/steps/1/next']],
    ['a circle behind a branch', flow({ steps: [{ id: 'b', type: 'branch', branches: [{ condition: { all: [] }, next: 'to-crm' }] }, { ...deliver, next: 'b' }] }), ['/steps/1/next']],
    ['a step that nothing leads to', flow({ steps: [{ ...deliver, next: null }, { id: 'x', type: 'exit' }] }), ['/steps/1']],
    ['a step behind a split that leaves nobody', flow({ steps: [deliver, { id: 's', type: 'split', branches: [{ percent: 100, next: null }] }, { id: 'x', type: 'exit' }] }), ['/steps/2']],
    ['more than everybody', flow({ steps: [deliver, { id: 's', type: 'split', branches: [{ percent: 60, next: null }, { percent: 41, next: null }] }] }), ['/steps/1/branches']],
    ['a wrong branch', flow({ steps: [{ id: 'b', type: 'branch', branches: [{ condition: { segment: 'gone' }, next: null }] }, deliver] }), ['/steps/0/branches/0/condition/segment']],
    ['a wait for nothing', flow({ steps: [{ id: 'w', type: 'waitUntil', timeout: { days: 1 } }, deliver] }), ['/steps/0']],
    ['a wait for a key that there is not', flow({ steps: [{ id: 'w', type: 'waitUntil', event: { name: 'A', sameKey: true }, condition: { trait: 'age', op: 'exists' }, timeout: { days: 1 } }, deliver] }), ['/steps/0/event/sameKey', '/steps/0/condition/trait']],
    ['a key at a path that nothing can have', flow({ trigger: { type: 'event', name: 'A' }, key: '{{event.messageId}}', steps: [{ id: 'w', type: 'waitUntil', event: { name: 'A', sameKey: 'order.lines.produktId' }, timeout: { days: 1 } }, deliver] }), ['/steps/0/event/sameKey']],
    ['no such time zone or hour', flow({ steps: [{ id: 'w', type: 'window', from: '09:00', to: '20:00', timeZone: 'Mars/Base' }, deliver] }), ['/steps/0/timeZone']],
    ['no such field to set', flow({ steps: [{ id: 'set', type: 'setField', field: 'age', value: '{{broken' }] }), ['/steps/0/value', '/steps/0/field']],
    ['an identity to set', flow({ steps: [{ id: 'set', type: 'setField', field: 'email', value: 'x' }] }), ['/steps/0/field']],
    ['a condition of the trigger on what is not there', flow({ trigger: { type: 'api', condition: { segment: 'gone' } } }), ['/trigger/condition/segment']],
    ['no such purpose to be decided on', flow({ trigger: { type: 'consent', purpose: 'fun', on: 'both' } }), ['/trigger/purpose']],
    ['no such field to change', flow({ trigger: { type: 'profile', fields: ['city', 'age'] } }), ['/trigger/fields/1']],
    ['a schedule for nobody, never and nowhere', flow({ trigger: { type: 'schedule', cron: '0 0 31 2 *', timeZone: 'Mars/Base' } }), ['/trigger/cron', '/trigger/timeZone', '/trigger']],
    ['a key that does not compile', flow({ key: '{{broken' }), ['/key']],
    ['a key from no event', flow({ key: '{{event.name}}', trigger: { type: 'profile' } }), ['/key']],
    ['a recipient that the purpose does not list', flow({ purpose: 'closed' }), ['/steps/0/connectionId']],
    ['a channel that the purpose does not have', flow({ steps: [{ ...deliver, channel: 'phone' }] }), ['/steps/0/channel']],
    ['all of them at once', flow({ purpose: 'fun', steps: [deliver, { ...deliver, connectionId: 'gone', mapping: { tag: '{{broken' } }] }), ['/purpose', '/steps/1/id', '/steps/1/mapping/tag', '/steps/1/connectionId']],
  ])('refuses %s', (_, value, paths) => {
    expect(wrongPlaces(value)).toEqual(paths);
  });
});

describe('what templates and conditions of a flow read', () => {
  const mapped = (mapping: unknown, trigger: unknown = { type: 'event', name: 'Order Completed' }): FlowDefinition => flow({ trigger: trigger as FlowDefinition['trigger'], steps: [{ ...deliver, mapping: { tag: 'x', ...(mapping as object) } } as FlowStep] });
  const places = (value: FlowDefinition): string[] => {
    try {
      parseFlow(value, environment);
      return [];
    } catch (error) {
      return (error as FirsthandError).places.map(({ path, message }) => `${path} ${message}`);
    }
  };

  it.each([
    '{{profile.email}}', '{{profile}}', '{{identities.phone}}', '{{event}}', '{{event.name}}', '{{event.order}}', '{{event.order.total.amountMinor}}', '{{event.order.lines.0.sku}}', '{{event.order.lines.length}}', '{{event.properties.cartId}}',
    '{{event.context.page.url}}', '{{event.properties.segmentId}}', '{{segment.name}}', '{{consent.decidedAt}}', '{{@root.profile.city}}', '{{@root}}', 'no template',
  ])('may be %s', (template) => expect(places(mapped({ tag: template }))).toEqual([]));

  it.each([
    ['{{profile.emial}}', 'reads `profile.emial`: the dictionary has no `profile.emial`: use `profile.email`'],
    ['{{identities.Phone}}', 'reads `identities.Phone`: the dictionary has no `identities.Phone`: use `identities.phone`'],
    ['Dear {{lower profile.motto}}', 'reads `profile.motto`: the dictionary has no `profile.motto`'],
    ['{{event.order.totl}}', 'reads `event.order.totl`: the dictionary has no `order.totl`: use `order.total`'],
    ['{{event.order.total.minor}}', 'reads `event.order.total.minor`: the dictionary has no `order.total.minor`'],
    ['{{event.properties.colour}}', 'reads `event.properties.colour`: the dictionary has no `properties.colour`'],
    ['{{event.profile.email}}', 'reads `event.profile.email`: an event has only name, type, messageId, occurredAt, properties, order, product, store, context'],
    ['{{email}}', 'reads `email`: there is only profile, identities, event, segment, answers, consent'],
    ['{{segment.size}}', 'reads `segment.size`: there is only segment.id, segment.name, segment.isMember'],
    ['{{@root.profile.emial}}', 'reads `profile.emial`: the dictionary has no `profile.emial`: use `profile.email`'],
  ])('may not be %s', (template, message) => expect(places(mapped({ tag: template }))).toEqual([`/steps/0/mapping/tag ${message}`]));

  it('is looked at in lists, trees and conditions of a mapping, each told once at its place', () => {
    const mapping = [
      { $when: '{{profile.ctiy}}', tag: '{{profile.city}}' },
      { 'address.line': { $when: '{{profile.emial}}', value: 'x' }, address: { list: { $each: '{{event.order.lines}}', value: { sku: '{{skoo}}', name: '{{name}}' } } }, tag: '{{profile.city}}' },
    ];
    const steps = [{ ...deliver, mapping } as FlowStep];
    expect(places(flow({ steps })).map((place) => place.split(':')[0])).toEqual(['/steps/0/mapping/0/$when reads `profile.ctiy`', '/steps/0/mapping/1/address.line reads `profile.emial`', '/steps/0/mapping/1/address.list reads `event.order.lines.skoo`']);
  });

  it('is free in the properties of a call over REST alone', () => {
    const api = { type: 'api' };
    expect(places(mapped({ tag: '{{event.properties.colour}}' }, api))).toEqual([]);
    expect(places(flow({ trigger: { type: 'api' }, key: '{{event.properties.ticket}}' }))).toEqual([]);
    expect(wrongPlaces(mapped({ tag: '{{event.order.totl}}' }, api))).toEqual(['/steps/0/mapping/tag']);
  });

  it.each<[string, Partial<FlowDefinition>, string[]]>([
    ['a key of no event', { key: '{{profile.city}}' }, ['/key']],
    ['a key of a field that there is not', { key: '{{event.properties.cartid}}' }, ['/key']],
    ['a field set from an identity', { steps: [{ id: 'set', type: 'setField', field: 'city', value: '{{identities.phone}}' }] }, ['/steps/0/value']],
    ['a trigger', { trigger: { type: 'event', name: 'A', where: [{ path: 'order.total.currency', op: 'exists' }, { path: 'order.totl', op: 'exists' }] } }, ['/trigger/where/1/path']],
    ['an event that is waited for', { steps: [{ id: 'w', type: 'waitUntil', event: { name: 'A', where: [{ path: 'properties.colour', op: 'exists' }] }, timeout: { days: 1 } }, deliver] }, ['/steps/0/event/where/0/path']],
    ['a goal and an exit', { goal: { name: 'g', event: { name: 'A', where: [{ path: 'store.nmae', op: 'exists' }] } }, exit: { condition: { sequence: [{ event: 'A' }, { event: 'B', where: [{ path: 'context.x', op: 'exists' }] }] } } }, ['/goal/event/where/0/path', '/exit/condition/sequence/1/where/0/path']],
    ['a condition', { trigger: { type: 'api', condition: { not: { any: [{ event: 'A', where: [{ path: 'product.size', op: 'exists' }] }, { event: 'A', sum: { path: 'order.totl', op: 'gt', value: 1 } }] } } } }, ['/trigger/condition/not/any/0/where/0/path', '/trigger/condition/not/any/1/sum/path']],
  ])('is refused in %s', (_, change, paths) => expect(wrongPlaces(flow(change))).toEqual(paths));

  it('casts doubt on events of which nobody knows, and can be published', () => {
    const name = 'Ordr Completed';
    const doubtful = flow({
      trigger: { type: 'event', name, condition: { event: name } }, goal: { name: 'g', event: { name } }, exit: { condition: { all: [{ event: 'Order Completed' }, { not: { sequence: [{ event: 'A' }, { event: name }] } }] } },
      steps: [{ id: 'w', type: 'waitUntil', event: { name }, timeout: { days: 1 } }, { id: 'f', type: 'filter', condition: { event: name } }, { id: 'b', type: 'branch', branches: [{ condition: { event: name }, next: null }] }, deliver],
    });
    expect(places(doubtful)).toEqual([]);
    expect(flowDoubts(doubtful, environment)).toEqual(['/trigger/name', '/trigger/condition/event', '/goal/event/name', '/exit/condition/all/1/not/sequence/1/event', '/steps/0/event/name', '/steps/1/condition/event', '/steps/2/branches/0/condition/event'].map((path) => ({ path, message: 'is unknown' })));
  });
});

describe('the flow schemas', () => {
  it('take a flow with and without its id and version', () => {
    const { flowId: _flowId, version: _version, ...content } = flow();
    expect(flowDefinitionSchema.safeParse(flow()).success).toBe(true);
    expect(flowContentSchema.safeParse(content).success).toBe(true);
    expect(flowContentSchema.safeParse(flow()).success).toBe(false);
    expect(flowContentSchema.safeParse({ ...content, steps: [{ id: 'f1', type: 'filter', condition: { trait: 'a' } }] }).success).toBe(false);
  });

  it('become OpenAPI components with names of their own', () => {
    const document = z.toJSONSchema(flowContentSchema, { target: 'openapi-3.0', io: 'input' });
    expect(Object.keys(document.definitions ?? {}).sort()).toEqual(['Condition', 'FlowContent', 'FlowMappingValue', 'PropertyCondition', 'Span']);
  });
});

describe('a call', () => {
  const call = { ...deliver, id: 'risk', type: 'call' } as FlowStep;
  const steps: FlowStep[] = [call, { id: 'low', type: 'filter', condition: { answer: 'risk', path: 'score', op: 'lt', value: 50 } }, { id: 'set', type: 'setField', field: 'city', value: '{{answers.risk.city}}' }];
  const placesWith = (asks: ReturnType<FlowEnvironment['asks']>): string[] => {
    try {
      parseFlow(flow({ steps }), { ...environment, asks: () => asks });
      return [];
    } catch (error) {
      return error instanceof FirsthandError ? error.places.map(({ path }) => path) : [];
    }
  };

  it('may be asked of who works for the brand, by an action that gives an answer', () => {
    expect(placesWith({ recipient: 'own', actions: ['upsert-contact'] })).toEqual([]);
    expect(placesWith({ recipient: 'third-party', actions: ['upsert-contact'] })).toEqual(['/steps/0/connectionId']);
    expect(placesWith({ recipient: 'processor', actions: [] })).toEqual(['/steps/0/action']);
  });

  it('is mapped as a delivery is', () => {
    expect(wrongPlaces(flow({ steps: [{ ...call, mapping: {} } as FlowStep] }))).toEqual(['/steps/0/mapping']);
    expect(wrongPlaces(flow({ steps: [{ ...call, connectionId: 'gone' } as FlowStep] }))).toEqual(['/steps/0/connectionId']);
  });
});
