import type { ErrorPlace } from '../errors/firsthand-error.js';
import type { Mapping } from '../mapping/mapping.js';
import type { FlowDefinition, FlowStep } from './flow.js';
import { templateReads } from './template-reads.js';

/** What templates of a place in a flow are given. */
const OF_DELIVERIES = ['profile', 'identities', 'event', 'segment', 'answers', 'consent'] as const;
const OF_FIELDS = ['profile', 'event', 'answers'] as const;
const OF_KEYS = ['event'] as const;

/** What an event says, by the first name of its path: the person's part of a record is no part of it. */
const EVENT_PARTS: ReadonlySet<string> = new Set(['name', 'type', 'messageId', 'occurredAt', 'properties', 'order', 'product', 'store', 'context']);
/** What events that the platform makes itself have, and no dictionary. */
const OWN_PROPERTIES: ReadonlySet<string> = new Set(['properties.segmentId', 'properties.segmentVersion', 'properties.correction']);
const PLAIN_PATHS: Readonly<Record<string, ReadonlySet<string>>> = { segment: new Set(['id', 'name', 'isMember']), consent: new Set(['decidedAt']) };

/** What the templates of a flow may read. */
export interface TemplateSurroundings {
  fieldMistake(path: string): string | null;
  /** Ids of call steps. */
  calls: ReadonlySet<string>;
}

/** Where a template of a step reads what can never be there: it would quietly give nothing. */
export function templatePlaces(step: FlowStep, at: string, { trigger }: FlowDefinition, surroundings: TemplateSurroundings): ErrorPlace[] {
  if (step.type === 'setField') return places({ value: step.value }, at, OF_FIELDS, trigger, surroundings);
  const mapping = step.type === 'deliver' || step.type === 'call' ? step.mapping : undefined;
  return mapping === undefined ? [] : places(mapping, `${at}/mapping`, OF_DELIVERIES, trigger, surroundings);
}

/** The same, of the template of the flow's key. */
export function keyTemplatePlaces({ key, trigger }: FlowDefinition, surroundings: TemplateSurroundings): ErrorPlace[] {
  return key === undefined ? [] : places({ key }, '', OF_KEYS, trigger, surroundings);
}

function places(mapping: Mapping, at: string, roots: readonly string[], trigger: FlowDefinition['trigger'], surroundings: TemplateSurroundings): ErrorPlace[] {
  return templateReads(mapping).flatMap((read) => {
    const message = mistakeOf(read.path, roots, trigger, surroundings);
    return message === null ? [] : [{ path: at + read.at, message }];
  });
}

function mistakeOf(path: string, roots: readonly string[], trigger: FlowDefinition['trigger'], { fieldMistake, calls }: TemplateSurroundings): string | null {
  const [root = '', ...names] = path.split('.');
  if (path === '*') return null;
  if (!roots.includes(root)) return `reads \`${path}\`: there is only ${roots.join(', ')}`;
  if (names.length === 0) return null;
  const rest = names.join('.');
  switch (root) {
    case 'profile': case 'identities': return said(path, fieldMistake(path));
    case 'event': return said(path, eventMistake(rest, trigger, fieldMistake));
    case 'answers': return calls.has(names[0] ?? '') ? null : `reads the answer to \`${names[0]}\`, which is no call step`;
    default: return PLAIN_PATHS[root]?.has(rest) === true ? null : `reads \`${path}\`: there is only ${[...(PLAIN_PATHS[root] ?? [])].map((name) => `${root}.${name}`).join(', ')}`;
  }
}

/** Who triggers a flow over REST gives the event properties of their own choice; all other events are kept as the dictionary has them. */
function eventMistake(path: string, { type }: FlowDefinition['trigger'], fieldMistake: TemplateSurroundings['fieldMistake']): string | null {
  const [part = ''] = path.split('.');
  if (!EVENT_PARTS.has(part)) return `an event has only ${[...EVENT_PARTS].join(', ')}`;
  return OWN_PROPERTIES.has(path) || (part === 'properties' && type === 'api') ? null : fieldMistake(path);
}

function said(path: string, mistake: string | null): string | null {
  return mistake === null ? null : `reads \`${path}\`: ${mistake}`;
}
