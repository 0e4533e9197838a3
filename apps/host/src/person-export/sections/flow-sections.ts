import type { JsonValue } from '@firsthand/domain';
import { runRow } from '@firsthand/persistence';
import { PAUSED_DUE_AT } from '@firsthand/pipeline';
import { iso, ownId, type ExportSection } from '../export-source.js';

const runs: ExportSection = {
  name: 'runs', from: ['runs'],
  async *read({ collections, configuration }, { workspaceId, profileIds }) {
    for await (const stored of collections.runs.find({ workspaceId, profileId: { $in: profileIds } }, { sort: { _id: 1 }, batchSize: 100 })) {
      const { runId, flowId, flowVersion, key, startedAt, dueAt, end, answers } = runRow(stored);
      yield {
        id: ownId(workspaceId, runId), flowId, flow: configuration.workspace(workspaceId).flow(flowId, flowVersion)?.compiled.definition.name ?? null, key, startedAt: iso(startedAt), goesOnAt: dueAt === PAUSED_DUE_AT ? null : iso(dueAt),
        end: end === null ? null : { as: end.as, at: iso(end.at) }, answers: answers === undefined ? null : (JSON.parse(answers) as JsonValue),
      };
    }
  },
};

const contacts: ExportSection = {
  name: 'contacts', from: ['contacts'], columns: ['channel', 'at', 'deliveryId'],
  async *read({ collections }, { workspaceId, profileIds }) {
    for await (const { _id, channel, at } of collections.contacts.find({ workspaceId, profileId: { $in: profileIds } }, { sort: { at: 1 } })) yield { channel, at: iso(at), deliveryId: ownId(workspaceId, _id) };
  },
};

/** Which automatic processes concern the person (GDPR art. 15(1)(h)), and when they were written to. */
export const FLOW_SECTIONS: readonly ExportSection[] = [runs, contacts];
