import type { z } from 'zod';
import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import type { Condition } from './condition.js';
import { MAX_CONDITION_DEPTH, MAX_CONDITION_NODES } from './condition-schema.js';
import { LEAF_SCHEMAS } from './leaf-schemas.js';
import { pointer } from '../json-pointer.js';

/** The keys that tell the kinds of conditions apart: each has exactly one. */
export const CONDITION_KINDS = ['all', 'any', 'not', 'trait', 'event', 'sequence', 'orders', 'segment', 'list', 'consent', 'reachable', 'answer'] as const;

/**
 * Checks a condition tree from outside: at most 16 levels and 200 conditions, known operators, values that fit them.
 *
 * @throws FirsthandError INVALID_SEGMENT, naming every place that is wrong (`/all/1/value`)
 * @example const condition = parseCondition({ trait: 'city', op: 'eq', value: 'Shanghai' });
 */
export function parseCondition(value: unknown): Condition {
  const places = conditionPlaces(value);
  if (places.length > 0) throw new FirsthandError('INVALID_SEGMENT', `${places[0]?.path || '/'}: ${places[0]?.message}`, places);
  return value as Condition;
}

/**
 * The places that are wrong in a condition tree, each below `path`; none for a valid one. It goes no deeper than the limit.
 *
 * @example conditionPlaces({ trait: 'age', op: 'gt', value: true }) // [{ path: '/value', message: '`gt` wants a number or an ISO date' }]
 */
export function conditionPlaces(value: unknown, path = ''): ErrorPlace[] {
  const places: ErrorPlace[] = [];
  let nodes = 0;
  const visit = (node: unknown, at: string, depth: number): void => {
    nodes += 1;
    if (nodes === MAX_CONDITION_NODES + 1) places.push({ path, message: `holds more than ${MAX_CONDITION_NODES} conditions` });
    if (nodes > MAX_CONDITION_NODES) return;
    if (depth > MAX_CONDITION_DEPTH) places.push({ path: at, message: `is deeper than ${MAX_CONDITION_DEPTH} levels` });
    else places.push(...visitNode(node, at, (child, below) => visit(child, at + below, depth + 1)));
  };
  visit(value, path, 1);
  return places;
}

function visitNode(node: unknown, at: string, descend: (child: unknown, below: string) => void): ErrorPlace[] {
  const kinds = typeof node === 'object' && node !== null ? CONDITION_KINDS.filter((kind) => Object.hasOwn(node, kind)) : [];
  const kind = kinds[0];
  if (kind === undefined || kinds.length > 1) return [{ path: at, message: `must be an object with exactly one of ${CONDITION_KINDS.join(', ')}` }];
  if (kind !== 'all' && kind !== 'any' && kind !== 'not') return leafPlaces(LEAF_SCHEMAS[kind], node, at);
  const group = node as Record<string, unknown>;
  const places = Object.keys(group)
    .filter((key) => key !== kind)
    .map((key) => ({ path: at + pointer([key]), message: 'is not known here' }));
  const children = group[kind];
  if (kind === 'not') descend(children, '/not');
  else if (Array.isArray(children)) children.forEach((child, index) => descend(child, `/${kind}/${index}`));
  else places.push({ path: `${at}/${kind}`, message: 'must be a list of conditions' });
  return places;
}

function leafPlaces(schema: z.ZodType, node: unknown, at: string): ErrorPlace[] {
  const result = schema.safeParse(node);
  return result.success ? [] : result.error.issues.map((issue) => ({ path: at + pointer(issue.path), message: issue.message }));
}
