import { FirsthandError, isSameJson, type JsonValue } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { FlowContent, FlowDraft } from '../documents.js';
import { changeFlow, createFlow, publishFlow, setFlowStatus } from '../flows/flows.js';
import { findConfigured } from '../find-configured.js';
import type { Caller } from '../http/caller.js';
import type { ConfigurationDocument } from './configuration-documents.js';
import { readContent } from './read-stored.js';

const tree = z.record(z.string(), z.unknown()) as unknown as z.ZodType<FlowDraft>;
const flowFileSchema = z.strictObject({ draft: tree, status: z.enum(['draft', 'live', 'paused']), published: tree.nullable() });

/** Makes a flow what its document says: what is published, as the next version, then the draft, then whether it is live. */
export async function writeFlow(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument): Promise<void> {
  const { draft, status, published } = readContent(flowFileSchema, content);
  if ((status === 'draft') !== (published === null)) throw new FirsthandError('INVALID_FLOW', undefined, [{ path: '/status', message: 'is draft for what was never published, and for nothing else' }]);
  const read = () => findConfigured<FlowContent>(admin.repository, 'flows', caller.workspaceId, id);
  if ((await read()) === undefined) await createFlow(admin, caller, { id, flow: published ?? draft });
  const before = publishedOf((await read())?.content);
  if (published === null && before !== null) throw new FirsthandError('CONFLICT', 'It was published, and that stays.', [{ path: '/published', message: 'cannot be taken back' }]);
  if (published !== null && !isSame(published, before)) {
    await changeFlow(admin, caller, id, (await read())?.version ?? 0, published);
    await publishFlow(admin, caller, id, undefined);
  }
  const row = await read();
  if (row !== undefined && !isSame(draft, row.content.draft)) await changeFlow(admin, caller, id, row.version, draft);
  if (row !== undefined && status !== 'draft' && row.content.status !== status) await setFlowStatus(admin, caller, id, undefined, status);
}

function publishedOf(content: FlowContent | undefined): FlowDraft | null {
  const version = content?.versions.find((one) => one.version === content.liveVersion);
  if (version === undefined) return null;
  const { flowId: _, version: __, publishedAt: ___, ...definition } = version;
  return definition;
}

function isSame(one: FlowDraft, other: FlowDraft | null): boolean {
  return isSameJson(one as unknown as JsonValue, other as unknown as JsonValue);
}
