import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { groupsFor, type Groups } from '../insight/groups.js';
import type { SegmentCount, SegmentInsight, SegmentPreviewBody } from './preview-bodies.js';
import { previewInGroups } from './preview-in-groups.js';
import { previewDraft, previewSegment } from './preview-segment.js';

/** A preview as the caller may see it. @throws FirsthandError `INVALID_SEGMENT`, `FORBIDDEN` for a condition on what the caller may not read, `RATE_LIMITED` */
export async function insightOfSegment(admin: AdminContext, caller: Caller, body: SegmentPreviewBody): Promise<SegmentInsight> {
  return inGroups(admin, caller, (groups) => previewSegment(admin, caller, body, groups));
}

/** The same of a segment's draft. @throws FirsthandError `NOT_FOUND`, `INVALID_SEGMENT`, `FORBIDDEN`, `RATE_LIMITED` */
export async function insightOfDraft(admin: AdminContext, caller: Caller, id: string): Promise<SegmentInsight> {
  return inGroups(admin, caller, (groups) => previewDraft(admin, caller, id, { groups }));
}

async function inGroups(admin: AdminContext, caller: Caller, preview: (groups: Groups | null) => Promise<SegmentCount>): Promise<SegmentInsight> {
  const groups = await groupsFor(admin, caller);
  return groups === null ? preview(null) : previewInGroups(await preview(groups), groups);
}
