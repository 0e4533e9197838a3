import { checkExpectation, FirsthandError, MAX_EXPECTATIONS, type Expectation, type ExpectationSurroundings } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { isDestination, isSource, type ConnectionDocument, type ExpectationDocument, type SourceConnectionDocument, type TrackingPlanDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import type { ExpectationChange, ExpectationView, NewExpectation } from './expectation-bodies.js';

type Row = Configured<ExpectationDocument>;
/** Alarms are messages of this plugin. */
const WEBHOOK = 'webhook';

export function listExpectations(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<ExpectationView>> {
  return listConfigured<ExpectationDocument, ExpectationView>(admin, { kind: 'expectations', workspaceId, query }, view);
}

export async function getExpectation({ repository }: AdminContext, { workspaceId }: Caller, id: string): Promise<ExpectationView> {
  return view(await repository.get<ExpectationDocument>('expectations', workspaceId, id));
}

/** @throws FirsthandError `INVALID_EXPECTATION` with each place, `CONFLICT` for an id that is taken and past the most that a workspace may have */
export async function createExpectation(admin: AdminContext, { workspaceId }: Caller, { id, ...expectation }: NewExpectation): Promise<ExpectationView> {
  const { repository } = admin;
  checkExpectation(expectation, await surroundings(admin, workspaceId));
  if ((await repository.list('expectations', workspaceId, { limit: MAX_EXPECTATIONS })).length >= MAX_EXPECTATIONS) throw new FirsthandError('CONFLICT', `A workspace has ${MAX_EXPECTATIONS} expectations at most.`);
  const row = await repository.create<ExpectationDocument>('expectations', workspaceId, id ?? admin.newId(), { expectation }, admin.clock());
  await admin.configuration.refresh();
  return view(row);
}

/** What is counted goes on where the rule counts the same as before; else it begins anew. @throws FirsthandError `INVALID_EXPECTATION`, `VERSION_MISMATCH` */
export async function changeExpectation(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, change: ExpectationChange): Promise<ExpectationView> {
  const around = await surroundings(admin, workspaceId);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<Expectation>;
  return view(await changeConfigured<ExpectationDocument>(admin, 'expectations', workspaceId, id, ifMatch, ({ expectation: stored }) => {
    const expectation = { ...stored, ...given };
    checkExpectation(expectation, around);
    return { expectation };
  }));
}

/** An alarm that was told is taken back. @throws FirsthandError `NOT_FOUND`, `VERSION_MISMATCH` */
export async function deleteExpectation({ repository, configuration }: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  await repository.delete('expectations', workspaceId, id, ifMatch);
  await configuration.refresh();
}

/** What an expectation may name: events of the dictionary, of tracking plans and those that plugins of enabled and other sources declare. */
async function surroundings({ repository, configuration, plugins }: AdminContext, workspaceId: string): Promise<ExpectationSurroundings> {
  const [connections, plans] = await Promise.all([repository.list<ConnectionDocument>('connections', workspaceId), repository.list<TrackingPlanDocument>('trackingPlans', workspaceId)]);
  const sources = connections.filter(({ content }) => isSource(content));
  const declared = sources.flatMap(({ content }) => (isSource(content) ? declaredEvents(plugins, content) : []));
  return {
    dictionary: configuration.workspace(workspaceId).dictionary, sources: new Set(sources.map(({ id }) => id)),
    webhooks: new Set(connections.flatMap(({ id, content }) => (isDestination(content) && content.pluginId === WEBHOOK ? [id] : []))),
    plannedEvents: new Set([...declared, ...plans.flatMap(({ content: { draft, live } }) => [...draft.events, ...(live?.plan.events ?? [])].map(({ name }) => name))]),
  };
}

/** A plugin that is not there any more declares nothing. */
function declaredEvents(plugins: AdminContext['plugins'], { pluginId, capability }: SourceConnectionDocument): readonly string[] {
  return plugins.all().find(({ definition }) => definition.id === pluginId)?.definition.sources?.[capability]?.emits ?? [];
}

function view({ id, version, content: { expectation } }: Row): ExpectationView {
  return { id, version, ...expectation };
}
