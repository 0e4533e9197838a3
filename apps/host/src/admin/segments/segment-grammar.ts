import { conditionGrammar, conditionSchema, createDictionary, type ConditionGrammar } from '@firsthand/domain';
import { z } from 'zod';
import type { SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

const texts = z.array(z.string());
const field = z.object({ name: z.string(), type: z.string(), description: z.string(), isCustom: z.boolean(), values: texts.optional() });

export const segmentGrammarSchema = z.object({
  kinds: z.array(z.object({ kind: z.string(), description: z.string(), example: conditionSchema })).meta({ description: 'The kinds of conditions, told apart by their key.' }),
  types: z.array(z.object({ type: z.string(), description: z.string(), operators: z.record(z.string(), texts) })).meta({ description: 'Per type of field its operators, with the kinds of values each takes.' }),
  traits: z.array(field).meta({ description: 'Profile fields, as `trait` names them.' }),
  properties: z.array(field).meta({ description: 'Known properties of events, as `path` names them; others below the same roots are taken too.' }),
  numberOperators: texts, timeOperators: texts, spanUnits: texts, eventMeasures: texts, orderMeasures: texts,
  channels: z.array(z.object({ channel: z.string(), namespaces: texts })),
  purposes: texts, segments: texts.meta({ description: 'Those that can be read: published ones.' }), lists: texts.meta({ description: 'Static lists, published or not.' }),
  limits: z.record(z.string(), z.int()),
}).meta({ id: 'SegmentGrammar' });

const example = conditionGrammar({ dictionary: createDictionary(), purposes: ['marketing'], segments: ['recent-buyers'], lists: ['store-opening-guests'] });
export const GRAMMAR_EXAMPLE = { ...example, kinds: example.kinds.slice(-1), types: example.types.slice(0, 1), traits: example.traits.slice(0, 2), properties: example.properties.slice(0, 1) };

/** What can be written in a condition of this workspace now. */
export async function segmentGrammar({ configuration, repository }: AdminContext, { workspaceId }: Caller): Promise<ConditionGrammar> {
  const { dictionary, purposes } = configuration.workspace(workspaceId);
  const segments = await repository.list<SegmentDocument>('segments', workspaceId);
  const idsOf = (meets: (content: SegmentDocument) => boolean): string[] => segments.filter(({ content }) => meets(content)).map(({ id }) => id).sort();
  return conditionGrammar({ dictionary, purposes: [...purposes.keys()].sort(), segments: idsOf(({ published }) => published !== null), lists: idsOf(({ kind }) => kind === 'static') });
}
