import type { Purpose } from '../consent/consent.js';
import { coversField } from '../consent/field-cover.js';
import type { ErrorPlace } from '../errors/firsthand-error.js';
import { validateFlow, type FlowEnvironment } from '../flow/validate-flow.js';
import { compileCondition } from '../segment/compile-condition.js';
import { syncFlows } from './sync-flows.js';
import type { SyncRule } from './sync-rule.js';

/** What a sync rule may refer to in its workspace. */
export interface SyncSurroundings {
  flows: FlowEnvironment;
  purpose(key: string): Purpose | undefined;
  /** What an action of a connection takes; undefined if there is no such action. */
  accepts(connectionId: string, action: string): 'event' | 'profile' | 'membership' | undefined;
  /** Destination field → the canonical paths that it is filled from when nobody maps it, of those that an action cannot do without. */
  needs(connectionId: string, action: string): ReadonlyMap<string, readonly string[]>;
  /** The purpose of a published segment. */
  purposeOfSegment(segmentId: string): string | undefined;
  /** The system that a connection is of. */
  systemOf(connectionId: string): string;
  /** The other rules of the workspace, paused ones included: they may be enabled again. */
  others: readonly SyncRule[];
}

/**
 * All places in a well-formed sync rule that its workspace does not bear out; none if it can be kept. What it names must be there; its action must take a person's
 * state, those of memberships members; its purpose must cover its fields, and what names the person there; and no two rules write one field of one system.
 *
 * @example syncRulePlaces(rule, surroundings) // [{ path: '/fields/0/field', message: 'is not covered by the purpose' }]
 */
export function syncRulePlaces(rule: SyncRule, surroundings: SyncSurroundings): ErrorPlace[] {
  return [...flowPlaces(rule, surroundings), ...conditionPlacesOf(rule), ...actionPlaces(rule, surroundings), ...fieldPlaces(rule, surroundings), ...namePlaces(rule, surroundings), ...segmentPlaces(rule, surroundings), ...twofoldPlaces(rule, surroundings)];
}

/** What is wrong with the flows that it becomes, told by the places of the rule. What all of them share is told once. */
function flowPlaces(rule: SyncRule, { flows: environment }: SyncSurroundings): ErrorPlace[] {
  const [fields, ...memberships] = syncFlows(rule);
  const ofFields = fields === undefined ? [] : validateFlow(fields, environment).map(({ path, message }) => ({ path: placeOfFields(rule, path), message }));
  const ofMemberships = memberships.flatMap((flow, index) => validateFlow(flow, environment)
    .filter(({ path }) => path !== '/purpose' && path !== '/steps/0/connectionId')
    .map(({ path, message }) => ({ path: `/memberships/${index}${placeOfMembership(path)}`, message })));
  return [...ofFields, ...ofMemberships];
}

function placeOfFields({ fields }: SyncRule, path: string): string {
  if (path === '/steps/0/mapping') return '/fields';
  if (!path.startsWith('/steps/0/mapping/')) return path.replace(/^\/(?:trigger|steps\/0)/, '');
  const target = path.slice('/steps/0/mapping/'.length);
  return `/fields/${fields.findIndex(({ to }) => to === target)}/to`;
}

function placeOfMembership(path: string): string {
  return path.replace(/^\/trigger/, '').replace(/^\/steps\/0\/(?:mapping|sync)/, (found) => (found.endsWith('sync') ? '/action' : '/values')).replace(/^\/steps\/0/, '');
}

/** A condition is asked when something is written: what events or time alone change would start no write. */
function conditionPlacesOf({ condition }: SyncRule): ErrorPlace[] {
  if (condition === undefined || compileCondition(condition).activityKeys.length === 0) return [];
  return [{ path: '/condition', message: 'reads events: name a segment that reads them, and who enters it is written' }];
}

/** Of an action that is not there, and of one for memberships that keeps no members, it has been said. */
function actionPlaces({ connectionId, action }: SyncRule, { accepts }: SyncSurroundings): ErrorPlace[] {
  const taken = accepts(connectionId, action);
  return taken === undefined || taken === 'profile' ? [] : [{ path: '/action', message: `takes ${taken === 'event' ? 'events' : 'members'}: it must be one that takes profiles` }];
}

function fieldPlaces({ purpose, fields }: SyncRule, { flows: { hasTrait }, purpose: purposeOf }: SyncSurroundings): ErrorPlace[] {
  const found = purposeOf(purpose);
  return fields.flatMap(({ field, to }, index) => {
    const places: ErrorPlace[] = [];
    const path = `/fields/${index}`;
    if (!hasTrait(field.slice('profile.'.length))) places.push({ path: `${path}/field`, message: 'the dictionary has no such profile field' });
    if (found !== undefined && !coversField(found, field)) places.push({ path: `${path}/field`, message: 'is not covered by the purpose' });
    const before = fields.slice(0, index);
    if (before.some((one) => one.field === field)) places.push({ path: `${path}/field`, message: 'is there twice' });
    if (before.some((one) => isWithin(one.to, to))) places.push({ path: `${path}/to`, message: 'is written by another field of the rule' });
    return places;
  });
}

/** Whom it concerns the action must be told: what the purpose does not cover would be taken out of every payload, and none would be valid. */
function namePlaces({ purpose, connectionId, action, fields }: SyncRule, { purpose: purposeOf, needs }: SyncSurroundings): ErrorPlace[] {
  const found = purposeOf(purpose);
  if (found === undefined) return [];
  const uncovered = [...needs(connectionId, action)].filter(([name, reads]) => reads.length > 0 && !reads.some((path) => coversField(found, path)) && !fields.some(({ to }) => isWithin(to, name))).map(([name]) => name);
  return uncovered.length === 0 ? [] : [{ path: '/purpose', message: `covers nothing that ${uncovered.join(', ')} of the action can be filled from` }];
}

function segmentPlaces({ purpose, memberships }: SyncRule, { purposeOfSegment }: SyncSurroundings): ErrorPlace[] {
  return memberships.flatMap(({ segmentId }, index) => {
    const other = purposeOfSegment(segmentId);
    return other === undefined || other === purpose ? [] : [{ path: `/memberships/${index}/segmentId`, message: `is made for the purpose ${other}` }];
  });
}

/** Two that write one field would overwrite each other without end. */
function twofoldPlaces(rule: SyncRule, { others, systemOf }: SyncSurroundings): ErrorPlace[] {
  const rivals = others.filter((other) => other.ruleId !== rule.ruleId && systemOf(other.connectionId) === systemOf(rule.connectionId));
  return rule.fields.flatMap(({ field, to }, index) => rivals.flatMap((other) => {
    const message = `is written by the rule ${other.ruleId} already`;
    if (other.fields.some((one) => one.field === field)) return [{ path: `/fields/${index}/field`, message }];
    return other.fields.some((one) => isWithin(one.to, to)) ? [{ path: `/fields/${index}/to`, message }] : [];
  }));
}

function isWithin(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}
