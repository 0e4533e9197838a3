import { onlyRefusals } from '../consent/only-refusals.js';
import type { ApplyItem, Candidate } from './apply-context.js';
import { eventIdOf } from './drop-duplicates.js';

/**
 * What records that are put aside say no to: nobody's withdrawal waits for the repair of a price. They are counted as quarantined, and by this as nothing else.
 *
 * @param bad records on their way to the quarantine
 */
export function hearRefusals(bad: readonly ApplyItem[], workspaceId: string): Candidate[] {
  return bad.flatMap((item) => {
    // One that breaks its batch would do so here too.
    const said = item.isPoison === true ? null : onlyRefusals(item.record);
    if (said === null) return [];
    return [{ item: { ...item, record: said }, record: said.record, eventId: eventIdOf(workspaceId, said.connectionId, said.record.messageId), isRefused: true }];
  });
}
