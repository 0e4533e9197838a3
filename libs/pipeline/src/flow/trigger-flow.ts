import { FirsthandError, identityKey, stableId, type Identity, type JsonObject } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import { INTERNAL_CONNECTION } from '../person/move-segments.js';
import { LedgerCounts, newWorkOutput } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { Clock, ConfigurationSource, Doorbell, EventRow, Store } from '../ports/index.js';

/** A call over REST that starts a flow for a person. */
export interface FlowCall {
  workspaceId: string;
  flowId: string;
  /** Whom it is about: a normalised identity, or the id of a profile. */
  person: { identity: Identity } | { profileId: string };
  /** What templates and conditions read as the event's properties. */
  properties: JsonObject;
  /** The same key again is the same call. */
  idempotencyKey: string;
}

export interface TriggerFlowOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
}

/** The event of a call. */
const FLOW_TRIGGERED = 'Flow Triggered';

/**
 * Starts a flow whose trigger is `api` for a person, in one transaction. The call is kept as an event under an id made of its key: whoever repeats it starts nothing
 * anew.
 *
 * @throws FirsthandError NOT_FOUND for a person who is not known, CONFLICT for a flow that is not live or has another trigger
 * @example const { isRepeated } = await triggerFlow(call, options);
 */
export async function triggerFlow(call: FlowCall, { store, doorbell, configuration: source, clock }: TriggerFlowOptions): Promise<{ eventId: string; isRepeated: boolean }> {
  const { workspaceId, flowId } = call;
  const configuration = source.workspace(workspaceId);
  const live = configuration.flows.find(({ compiled: { definition } }) => definition.flowId === flowId);
  if (live?.compiled.definition.trigger.type !== 'api') throw new FirsthandError('CONFLICT', 'No live version of the flow has the trigger api.');
  const messageId = stableId(workspaceId, 'flow-call', flowId, call.idempotencyKey);
  const eventId = `${workspaceId}|${messageId}`;
  const lanes = await store.transaction(async (tx) => {
    const now = clock();
    if ((await tx.findEventIds([eventId])).has(eventId)) return null;
    const profileId = 'profileId' in call.person ? call.person.profileId : (await tx.findIdentities(workspaceId, [identityKey(call.person.identity)])).get(identityKey(call.person.identity));
    const person = profileId === undefined ? undefined : (await loadPeople(tx, configuration, [profileId], now)).get(profileId);
    if (person === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such person.');
    const event: EventRow = {
      eventId, workspaceId, connectionId: INTERNAL_CONNECTION, profileId: person.profile.profileId, receivedAt: now, raw: null, mappingVersion: 0,
      record: { type: 'track', name: FLOW_TRIGGERED, messageId, occurredAt: now, identities: person.profile.identities, profile: {}, properties: { ...call.properties, flowId }, consents: {}, context: {}, flags: [] },
    };
    const output = newWorkOutput();
    output.events.push(event);
    const occurrence = { person, occurrenceId: eventId, trigger: { kind: 'api', flowId, isHistorical: false } as const, event };
    return writePeople(tx, { configuration, people: [person], occurrences: [occurrence], consentRecords: [], output, counts: new LedgerCounts(), now });
  });
  for (const connectionId of lanes ?? []) doorbell.ringLane({ workspaceId, connectionId });
  return { eventId, isRepeated: lanes === null };
}
