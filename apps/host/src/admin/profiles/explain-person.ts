import { FirsthandError, type FlowDefinition, type JsonObject } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { fillingOf, PAUSED_DUE_AT } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { deliverySchema, viewDelivery, type DeliveryView } from '../deliveries/delivery-view.js';
import { findInFlight, newestFirst } from '../deliveries/find-in-flight.js';
import { inWords, stateInWords } from '../deliveries/reason-words.js';
import { dryRunDefinition } from '../flows/dry-run-flow.js';
import { dryRunResultSchema, type DryRunResult } from '../flows/flow-bodies.js';
import type { Caller } from '../http/caller.js';
import { findExplainedFlow } from './explained-flow.js';
import { findPerson, type FoundPerson } from './find-person.js';
import { keptEvent, keptFilter } from './kept-events.js';

const MAX_DELIVERIES = 100;

export const personExplanationQuerySchema = z.object({
  flowId: z.string().min(1).max(200), stepId: z.string().min(1).max(200).optional().meta({ description: 'Of one step of the flow; of all when left out.' }),
});
export type PersonExplanationQuery = z.infer<typeof personExplanationQuerySchema>;

export const personExplanationSchema = z.object({
  reason: z.string().meta({ description: '`has-deliveries`, `flow-not-live`, `flow-paused`, `not-in-segment`, `event-never-came`, `trigger-does-not-match`, `run-waits`, `would-start-now`, of a sync rule also `condition-not-met` and `not-reached`, or why a step or the consent gate stops.' }),
  words: z.string(), deliveries: z.array(deliverySchema.extend({ words: z.string() })),
  now: dryRunResultSchema.nullable().meta({ description: 'What the live version would do for the person at this moment, step by step; null where none is live.' }),
}).meta({ id: 'PersonExplanation' });
export interface PersonExplanation {
  reason: string;
  words: string;
  deliveries: (DeliveryView & { words: string })[];
  now: DryRunResult | null;
}

/**
 * Why a person got nothing of a flow, or what they got. Without a delivery it says the first thing that stands in the way at this moment.
 *
 * @throws FirsthandError `NOT_FOUND` for an unknown person, flow or step
 */
export async function explainPerson(admin: AdminContext, caller: Caller, profileId: string, { flowId, stepId }: PersonExplanationQuery): Promise<PersonExplanation> {
  const { workspaceId } = caller;
  const person = await findPerson(admin, workspaceId, profileId);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  const { versions, live, fillsSince } = await findExplainedFlow(admin, caller, flowId);
  if (stepId !== undefined && !versions.some(({ steps }) => steps.some(({ id }) => id === stepId))) throw new FirsthandError('NOT_FOUND', 'No version of the flow has such a step.');
  const deliveries = await deliveriesOf(admin, workspaceId, person, flowId, stepId);
  if ('reason' in live) return tell(deliveries, null, live.reason, live.words);
  const event = await triggeringEvent(admin, workspaceId, person, live);
  const now = await dryRunDefinition(admin, caller, live, { profileId: person.profile.profileId, ...(event === null ? {} : { event }) });
  return tell(deliveries, now, ...(await obstacle(admin, workspaceId, { person, definition: live, event, now, stepId, fillsSince })));
}

function tell(deliveries: PersonExplanation['deliveries'], now: DryRunResult | null, reason: string, words: string): PersonExplanation {
  const [newest] = deliveries;
  return newest === undefined ? { reason, words, deliveries, now } : { reason: 'has-deliveries', words: newest.words, deliveries, now };
}

async function deliveriesOf({ collections }: AdminContext, workspaceId: string, { profileIds }: FoundPerson, flowId: string, stepId: string | undefined): Promise<PersonExplanation['deliveries']> {
  const own = (await findInFlight(collections, workspaceId)).filter((row) => profileIds.includes(row.profileId) && row.flowId === flowId && (stepId === undefined || row.stepId === stepId));
  const where = { workspaceId, profileId: { $in: profileIds }, flowId, ...(stepId === undefined ? {} : { stepId }) };
  const stored = await collections.deliveries.find(where, { sort: { createdAt: -1 }, limit: MAX_DELIVERIES }).toArray();
  return newestFirst([...own, ...stored]).slice(0, MAX_DELIVERIES).map((row) => ({ ...viewDelivery(row), words: stateInWords(row.state, row.reason) }));
}

/** The person's latest event of the name that starts the flow, as a dry run takes it. */
async function triggeringEvent({ collections, clock }: AdminContext, workspaceId: string, person: FoundPerson, { trigger }: FlowDefinition): Promise<{ name: string; properties: JsonObject; order?: JsonObject; product?: JsonObject } | null> {
  if (trigger.type !== 'event') return null;
  const named = trigger.name === '*' ? {} : { 'record.name': trigger.name };
  const now = clock();
  const stored = await collections.events.findOne({ workspaceId, profileId: { $in: person.profileIds }, ...named, ...keptFilter(person, now) }, { sort: { 'record.occurredAt': -1 } });
  const found = stored === null ? null : keptEvent(stored, person, now);
  if (found === null) return null;
  const { name, properties, order, product } = found.record;
  return { name, properties, ...(order === undefined ? {} : { order: order as JsonObject }), ...(product === undefined ? {} : { product: product as JsonObject }) };
}

interface Obstacles {
  person: FoundPerson;
  definition: FlowDefinition;
  event: object | null;
  now: DryRunResult;
  stepId: string | undefined;
  fillsSince: number | undefined;
}

/** The first thing that stands in the way, in the order in which a run meets them. */
async function obstacle({ collections }: AdminContext, workspaceId: string, { person: { profile, profileIds }, definition: { flowId, trigger, version }, event, now, stepId, fillsSince }: Obstacles): Promise<[string, string]> {
  const waiting = await collections.runs.findOne({ workspaceId, profileId: { $in: profileIds }, flowId, dueAt: { $gt: 0 } });
  if (waiting !== null) return ['run-waits', `A run of version ${waiting.flowVersion} waits${waiting.dueAt === null || waiting.dueAt === PAUSED_DUE_AT ? '' : `, until ${new Date(waiting.dueAt).toISOString()} at the latest`}.`];
  if (trigger.type === 'segment' && profile.memberships[trigger.segmentId]?.isMember !== (trigger.on !== 'left')) return ['not-in-segment', `The flow starts when somebody has ${trigger.on === 'both' ? 'entered' : trigger.on} the segment ${trigger.segmentId}, and the person has not.`];
  if (trigger.type === 'event' && event === null) return ['event-never-came', `The flow starts on the event "${trigger.name}", and none of the person has come.`];
  if (trigger.type === 'sync' && now.startsOnTrigger === false) return ['condition-not-met', 'The condition of the rule does not hold for the person.'];
  if (now.startsOnTrigger === false) return ['trigger-does-not-match', 'The latest event of that name does not meet the conditions of the flow, or lacks its key.'];
  const refused = now.steps.find(({ stepId: id, delivery }) => delivery !== null && !delivery.wouldSend && (stepId === undefined || id === stepId))?.delivery;
  if (refused != null) return [refused.reason, inWords(refused.reason)];
  const stopped = now.steps.find(({ outcome }) => outcome === 'stopped');
  if (stopped !== undefined) return [stopped.reason, `The run ends at the step "${stopped.stepId}": ${stopped.reason}.`];
  if (fillsSince !== undefined) {
    const { after, isDone } = fillingOf(await collections.schedules.findOne({ _id: storeKey(workspaceId, flowId) }) ?? undefined, fillsSince);
    return isDone || (after !== null && profile.profileId <= after) ? ['would-start-now', 'Nothing stands in the way now: the next change of what the rule is about is written.']
      : ['not-reached', 'The rule goes through everybody, and has not come to the person yet.'];
  }
  return ['would-start-now', `Nothing stands in the way now. What has happened before version ${version} was live, came as history, or was left out by re-entry or caps, started nothing.`];
}
