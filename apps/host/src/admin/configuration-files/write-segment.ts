import { FirsthandError, isSameJson, pushLimitsSchema, type Condition, type JsonValue } from '@firsthand/domain';
import { z } from 'zod';
import { SEGMENT_KINDS, type SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { findConfigured } from '../find-configured.js';
import type { Caller } from '../http/caller.js';
import { changeSegment, createSegment, pauseSegment, publishSegment, resumeSegment } from '../segments/segments.js';
import type { ConfigurationDocument } from './configuration-documents.js';
import { readContent } from './read-stored.js';

const condition = (z.unknown() as z.ZodType<Condition>).optional();
const shared = { name: z.string().min(1).max(200), purpose: z.string().min(1).max(100), condition };
const segmentFileSchema = z.strictObject({
  kind: z.enum(SEGMENT_KINDS).default('conditions'), description: z.string().max(2_000).default(''), ...shared, pushLimits: pushLimitsSchema.nullable().optional(), status: z.enum(['draft', 'live', 'paused']), published: z.strictObject(shared).nullable(),
});

/** Makes a segment what its document says: what is published, then the draft, then whether it is live. */
export async function writeSegment(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument): Promise<void> {
  const { kind, description, status, published, pushLimits, ...draft } = readContent(segmentFileSchema, content);
  if ((status === 'draft') !== (published === null)) throw new FirsthandError('INVALID_SEGMENT', undefined, [{ path: '/status', message: 'is draft for what was never published, and for nothing else' }]);
  const read = () => findConfigured<SegmentDocument>(admin.repository, 'segments', caller.workspaceId, id);
  const draftOf = ({ condition: tree, ...rest }: typeof draft): typeof draft => ({ ...rest, ...(kind === 'static' ? {} : { condition: tree }) }) as typeof draft;
  if ((await read()) === undefined) await createSegment(admin, caller, { id, kind, description, ...draftOf(published ?? draft) });
  const before = (await read())?.content.published ?? null;
  if (published === null && before !== null) throw new FirsthandError('CONFLICT', 'It was published, and that stays.', [{ path: '/published', message: 'cannot be taken back' }]);
  if (published !== null && !isSameSegment(published, before, kind)) {
    await changeSegment(admin, caller, id, (await read())?.version ?? 0, { description, ...draftOf(published) });
    await publishSegment(admin, caller, id, undefined);
  }
  const row = await read();
  if (row !== undefined && (!isSameSegment(draft, row.content, kind) || row.content.description !== description)) await changeSegment(admin, caller, id, row.version, { description, ...draftOf(draft) });
  const limited = await read();
  if (limited !== undefined && pushLimits !== undefined && !isSameJson(pushLimits, limited.content.pushLimits ?? null)) await changeSegment(admin, caller, id, limited.version, { pushLimits });
  if (row?.content.status === 'live' && status === 'paused') await pauseSegment(admin, caller, id, undefined);
  if (row?.content.status === 'paused' && status === 'live') await resumeSegment(admin, caller, id, undefined);
}

type Shown = Pick<SegmentDocument, 'name' | 'purpose'> & { condition?: Condition | undefined };

function isSameSegment(one: Shown, other: Shown | null, kind: (typeof SEGMENT_KINDS)[number]): boolean {
  return other !== null && one.name === other.name && one.purpose === other.purpose && (kind === 'static' || isSameJson((one.condition ?? null) as JsonValue, (other.condition ?? null) as JsonValue));
}
