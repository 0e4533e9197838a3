import { z } from 'zod';
import type { Dictionary } from '../canonical/dictionary.js';
import { CHANNELS } from '../canonical/field-definition.js';

/** What decides between values of a field: its master, then the newest, then priority; the newest whoever said it, then priority; or the order of sources, then the newest. */
export const OWNERSHIP_POLICIES = ['owner-first', 'newest', 'priority'] as const;
export type OwnershipPolicy = (typeof OWNERSHIP_POLICIES)[number];

/** Kinds of sources: the channels of plugins, and what flows set. */
export const SOURCE_CHANNELS = [...CHANNELS, 'flow'] as const;

const sourceSchema = z.union([
  z.strictObject({ connectionId: z.string().min(1).max(200) }),
  z.strictObject({ channel: z.enum(SOURCE_CHANNELS) }),
]).describe('One source connection, or all of a channel; `flow` is what flows set.');
/** A source connection, or all of a channel. */
export type OwnershipSource = z.infer<typeof sourceSchema>;

const sources = z.array(sourceSchema).max(100);
const policy = z.enum(OWNERSHIP_POLICIES);

const fieldOwnershipSchema = z.strictObject({
  field: z.string().min(1).max(200).describe('A field of the profile by its path: `profile.city`.'),
  masters: sources.optional().describe('Whose value comes before all others, equal among each other. Left out: the channel that owns the field by the dictionary. An empty list: nobody.'),
  proposers: sources.min(1).nullable().default(null).describe('Who else may write it. Null: everybody.'),
  refused: sources.default([]).describe('Who may not write it: what they say is kept as a candidate and never wins.'),
  policy: policy.optional().describe('What decides. Left out: that of the defaults.'),
  priority: sources.optional().describe('The first comes before the second. Who is not named comes last. Left out: that of the defaults.'),
});
export type FieldOwnershipSettings = z.infer<typeof fieldOwnershipSchema>;

const DEFAULTS = { policy: 'owner-first' as const, priority: [] };

/** The Zod schema of {@link OwnershipSettings}. */
export const ownershipSettingsSchema = z.strictObject({
  defaults: z.strictObject({ policy: policy.default(DEFAULTS.policy), priority: sources.default([]) }).default(DEFAULTS).describe('Of every field that says nothing else.'),
  fields: z.array(fieldOwnershipSchema).max(1_000).default([]),
});

/** Which source a workspace believes about which field of a profile. */
export type OwnershipSettings = z.infer<typeof ownershipSettingsSchema>;

/** The channel that owns a field by the dictionary, then the newest. */
export const DEFAULT_OWNERSHIP_SETTINGS: OwnershipSettings = ownershipSettingsSchema.parse({});

/** A place in settings that cannot hold, as a JSON pointer, and why. */
export interface OwnershipProblem {
  path: string;
  message: string;
}

/** What settings may name. */
export interface OwnershipNames {
  dictionary: Pick<Dictionary, 'field'>;
  /** Ids of the source connections. */
  connections: ReadonlySet<string>;
}

const LISTS = ['masters', 'proposers', 'refused', 'priority'] as const;

/**
 * What is wrong with settings that fit their schema: a field or a connection that is not there, a field named twice, a source that is said to be master and refused at once, an order of nobody.
 *
 * @example ownershipProblems(settings, { dictionary, connections: new Set(['crm']) })[0]?.path // '/fields/0/masters/0/connectionId'
 */
export function ownershipProblems({ defaults, fields }: OwnershipSettings, { dictionary, connections }: OwnershipNames): OwnershipProblem[] {
  const unknown = (list: readonly OwnershipSource[], at: string): OwnershipProblem[] => list.flatMap((source, index) => (
    'connectionId' in source && !connections.has(source.connectionId) ? [{ path: `${at}/${index}/connectionId`, message: 'is no source of the workspace' }] : []));
  const seen = new Set<string>();
  const ofFields = fields.flatMap((rule, index): OwnershipProblem[] => {
    const at = `/fields/${index}`;
    const isDouble = seen.has(rule.field);
    seen.add(rule.field);
    const masters = new Set((rule.masters ?? []).map(nameOfSource));
    const { priority = defaults.priority } = rule;
    return [
      ...(dictionary.field(rule.field)?.entity === 'profile' ? [] : [{ path: `${at}/field`, message: 'is no field of the profile' }]),
      ...(isDouble ? [{ path: `${at}/field`, message: 'is named twice' }] : []),
      ...LISTS.flatMap((list) => unknown(rule[list] ?? [], `${at}/${list}`)),
      ...rule.refused.flatMap((source, place) => (masters.has(nameOfSource(source)) ? [{ path: `${at}/refused/${place}`, message: 'is a master of the field' }] : [])),
      ...(rule.policy === 'priority' && priority.length === 0 && masters.size === 0 ? [{ path: `${at}/priority`, message: 'names nobody, so there is no order' }] : []),
    ];
  });
  return [
    ...unknown(defaults.priority, '/defaults/priority'),
    ...(defaults.policy === 'priority' && defaults.priority.length === 0 ? [{ path: '/defaults/priority', message: 'names nobody, so there is no order' }] : []),
    ...ofFields,
  ];
}

/**
 * Where settings name a connection, as JSON pointers.
 *
 * @example placesNaming(settings, 'crm') // ['/fields/0/masters/0/connectionId']
 */
export function placesNaming({ defaults, fields }: OwnershipSettings, connectionId: string): string[] {
  const lists = [{ list: defaults.priority, at: '/defaults/priority' }, ...fields.flatMap((rule, index) => LISTS.map((name) => ({ list: rule[name] ?? [], at: `/fields/${index}/${name}` })))];
  return lists.flatMap(({ list, at }) => list.flatMap((source, place) => ('connectionId' in source && source.connectionId === connectionId ? [`${at}/${place}/connectionId`] : [])));
}

/** A source in words: `channel:crm`, `connection:crm-eu`. */
export function nameOfSource(source: OwnershipSource): string {
  return 'channel' in source ? `channel:${source.channel}` : `connection:${source.connectionId}`;
}
