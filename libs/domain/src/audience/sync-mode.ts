/** The sync modes of a step that delivers to an audience, in the words of reverse ETL. */
export const SYNC_MODES = ['mirror', 'upsert', 'add', 'update', 'delete'] as const;

/**
 * What a deliver step does to an audience. Whatever it is, a withdrawn consent takes people out.
 * `mirror` puts in, sends changes, and takes out who leaves the segment; `upsert` does all but the taking out; `add` only puts in who is not in; `update` only
 * sends changes of who is in; `delete` takes out whoever comes to the step.
 */
export type SyncMode = (typeof SYNC_MODES)[number];

/** What a step does that says nothing. */
export const DEFAULT_SYNC_MODE: SyncMode = 'mirror';

/** Whether who leaves the segment of a flow is taken out of the audience that its step filled. */
export function removesWhoLeaves(mode: SyncMode): boolean {
  return mode === 'mirror';
}
