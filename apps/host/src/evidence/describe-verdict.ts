import type { EvidenceFault, EvidenceVerdict } from '@firsthand/persistence';
import type { ReadCheckpoints } from './read-checkpoints.js';

const SAYINGS: Record<EvidenceFault['kind'], string> = {
  edited: 'was edited', missing: 'was deleted', reordered: 'lies at another place than it was written at', rewritten: 'was edited and its hash made again',
  cut: 'and all after it were cut off', rebuilt: 'is not the one that was told of: the chain was rebuilt',
  'record-edited': 'was edited', 'record-missing': 'was deleted', 'record-added': 'was added: no block of the chain knows of it',
};

/** What a verification found, as lines: one per bad chain, and the verdict last. */
export function describeVerdict({ chains, blocks, faults }: EvidenceVerdict, checkpoints: ReadCheckpoints | null): string[] {
  const lines = faults.map(describeFault);
  const unsigned = checkpoints?.unsigned ?? [];
  if (unsigned.length > 0) lines.push(`checkpoints: line ${unsigned[0]} is signed by none of the keys${unsigned.length > 1 ? ` (and ${unsigned.length - 1} more)` : ''}`);
  const upTo = checkpoints?.lastAt ?? null;
  const reach = upTo === null ? 'without checkpoints: a cut tail or a rebuilt chain would not show' : `${checkpoints?.count} checkpoints, the last of ${upTo}: what came after it is covered by the chain alone`;
  return [...lines, `${lines.length === 0 ? 'OK' : 'BROKEN'}: ${blocks} blocks in ${chains} chains; ${reach}`];
}

function describeFault(fault: EvidenceFault): string {
  const block = 'seq' in fault && fault.seq !== undefined ? ` block ${fault.seq}` : '';
  const record = 'recordId' in fault ? ` record ${fault.recordId}` : '';
  const since = 'since' in fault && fault.since !== undefined ? ` (somewhere from block ${fault.since} on)` : '';
  return `${fault.chain}:${block}${record} ${SAYINGS[fault.kind]}${since}`;
}
