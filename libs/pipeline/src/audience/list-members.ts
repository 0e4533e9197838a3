import { memberKey, noteListed, type JsonObject } from '@firsthand/domain';
import { callWithTimeout, type HttpClient, type MemberPage, type PluginLog } from '@firsthand/plugin-sdk';
import type { Clock, ConfigurationSource } from '../ports/configuration.js';
import type { AudienceCompareRow } from '../ports/rows.js';
import type { Store } from '../ports/store.js';
import { eachOf } from '../sweep/each-of.js';
import { audiencesOf, type Audience } from './audience.js';

export interface ListMembersOptions {
  store: Pick<Store, 'findDueCompares' | 'transaction'>;
  configuration: ConfigurationSource;
  clock: Clock;
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
}

const CALL_TIMEOUT_MS = 15_000;
const MAX_COMPARES = 10;
/** Pages per turn and compare. */
const MAX_PAGES = 20;
/** A vendor that fails is asked again after this, so often. */
const RETRY_MS = 30_000;
const MAX_FAILURES = 10;

/**
 * Asks vendors for the members of the audiences that are being compared, page by page, and notes which memberships they name. A page is noted in the transaction that
 * moves the compare on. Apart from the sweep: a slow vendor holds up nothing but its own compare.
 */
export async function listMembers(options: ListMembersOptions): Promise<void> {
  const { store, clock } = options;
  await eachOf(await store.findDueCompares(clock(), MAX_COMPARES, 'listing'), async (found) => {
    let row: AudienceCompareRow | null = found;
    for (let page = 0; row !== null && page < MAX_PAGES; page += 1) row = await turn(row, options);
  });
}

/** Gives the row as it goes on now; null when there is nothing more to do at the moment. */
async function turn(row: AudienceCompareRow, options: ListMembersOptions): Promise<AudienceCompareRow | null> {
  const { store, configuration, clock } = options;
  const { workspaceId, connectionId, listing } = row;
  if (listing === null) return null;
  const audience = audiencesOf(configuration.workspace(workspaceId), connectionId).find(({ flow, step }) => flow.compiled.definition.flowId === row.flowId && step.id === row.stepId);
  const move = (next: Partial<AudienceCompareRow>, keys: readonly string[] = []): Promise<AudienceCompareRow | null> => store.transaction(async (tx) => {
    const current = await tx.findCompare(row.compareId);
    // Another worker has done this page.
    if (current === undefined || current.startedAt !== row.startedAt || JSON.stringify(current.listing) !== JSON.stringify(listing)) return null;
    if (audience !== undefined && keys.length > 0) {
      const place = { workspaceId, connectionId, action: audience.step.action };
      const known = await tx.findAudienceMembersByKey(place, keys);
      await tx.writeAudienceMembers(noteListed(known, new Set(keys), row.startedAt).map((state) => ({ ...place, ...state })));
    }
    const moved = { ...current, ...next };
    await tx.writeCompare(moved);
    return moved.dueAt === null || moved.dueAt > clock() ? null : moved;
  });
  if (audience?.destination.listMembers === undefined) return move({ dueAt: null, end: { at: clock(), as: 'gone' } });
  const names = audience.destination.audience ?? [];
  if (listing.audiences === null) {
    const audiences = names.length === 0 ? [{}] : await store.transaction((tx) => tx.findAudienceNames({ workspaceId, connectionId, action: audience.step.action }, names));
    return move({ listing: { ...listing, audiences } });
  }
  const [current, ...others] = listing.audiences;
  if (current === undefined) return move({ listing: null });
  const page = await ask(audience, current, listing.cursor, options).catch(() => null);
  if (page === null) {
    const failures = listing.failures + 1;
    return move(failures < MAX_FAILURES ? { listing: { ...listing, failures }, dueAt: clock() + RETRY_MS } : { dueAt: null, end: { at: clock(), as: 'listing-failed' } });
  }
  const counts = { ...row.counts, listed: row.counts.listed + page.members.length };
  const keys = page.members.map((member) => memberKey({ ...(member as JsonObject), ...current }));
  return move({ counts, listing: { audiences: page.next === null ? others : listing.audiences, cursor: page.next, failures: 0 } }, keys);
}

function ask({ destination, connection }: Audience, audience: JsonObject, cursor: string | null, { http, pluginLog, clock }: ListMembersOptions): Promise<MemberPage> {
  const context = { settings: connection.settings, http, log: pluginLog(connection.pluginId), now: clock(), audience, cursor };
  return callWithTimeout((signal) => (destination.listMembers as (given: unknown) => Promise<MemberPage>)({ ...context, signal }), CALL_TIMEOUT_MS);
}
