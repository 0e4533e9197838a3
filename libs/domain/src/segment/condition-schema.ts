import { z } from 'zod';
import type { Condition } from './condition.js';
import { LEAF_SCHEMAS } from './leaf-schemas.js';

/** A condition tree may be this deep, */
export const MAX_CONDITION_DEPTH = 16;
/** and hold this many conditions, groups included. */
export const MAX_CONDITION_NODES = 200;

const nodeSchema: z.ZodType<Condition> = z
  .lazy(() =>
    z.union([
      z.strictObject({ all: z.array(nodeSchema).max(MAX_CONDITION_NODES) }),
      z.strictObject({ any: z.array(nodeSchema).max(MAX_CONDITION_NODES) }),
      z.strictObject({ not: nodeSchema }),
      ...Object.values(LEAF_SCHEMAS),
    ]),
  )
  .meta({
    id: 'Condition',
    description: 'A condition tree of segments and flow filters. An empty `all` holds, an empty `any` does not.',
    examples: [{ all: [{ trait: 'city', op: 'eq', value: 'Shanghai' }, { event: 'Order Completed', within: { days: 30 } }] }],
  });

/**
 * The Zod schema of {@link Condition}, for HTTP bodies: validates and documents, changes nothing. It says only that the tree is
 * wrong; `parseCondition` accepts the same trees and names each place. It recurses as deep as its input: bound the nesting of a body first.
 *
 * @example z.strictObject({ name: z.string(), condition: conditionSchema })
 */
export const conditionSchema: z.ZodType<Condition> = nodeSchema.superRefine((condition, report) => {
  const { depth, nodes } = measureCondition(condition);
  if (depth > MAX_CONDITION_DEPTH) report.addIssue({ code: 'custom', message: `is deeper than ${MAX_CONDITION_DEPTH} levels` });
  if (nodes > MAX_CONDITION_NODES) report.addIssue({ code: 'custom', message: `holds more than ${MAX_CONDITION_NODES} conditions` });
});

function measureCondition(condition: Condition): { depth: number; nodes: number } {
  const children = childrenOf(condition).map(measureCondition);
  return {
    depth: 1 + Math.max(0, ...children.map((child) => child.depth)),
    nodes: children.reduce((sum, child) => sum + child.nodes, 1),
  };
}

/** The conditions that a group holds; none for the others. */
export function childrenOf(condition: Condition): readonly Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  return 'not' in condition ? [condition.not] : [];
}
