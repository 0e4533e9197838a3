import type { DeliveryRow } from '../ports/rows.js';
import { InFlightBlocks } from './in-flight-blocks.js';
import type { Settled } from './settled.js';

const row = (name: string): DeliveryRow => ({ deliveryId: name, profileId: `p-${name}` }) as DeliveryRow;
const back = (name: string, blockId: string | null): Settled => ({ row: row(name), blockId, sentAt: 1, settledAt: 2, result: { outcome: 'delivered' }, origin: null });
const block = (blockId: string, ...names: string[]) => ({ blockId, workspaceId: 'w', connectionId: 'c', rows: names.map(row) });

describe('InFlightBlocks', () => {
  it('tells what is left of the blocks that rows came back from, and forgets only what has been written down', () => {
    const blocks = new InFlightBlocks();
    blocks.put(block('1', 'a', 'b'));
    blocks.put(block('2', 'c'));
    blocks.put(block('3', 'd'));
    const settled = [back('a', '1'), back('c', '2'), back('x', null)];
    const left = [block('1', 'b'), block('2')];
    expect([blocks.without(settled), blocks.without(settled)]).toEqual([left, left]);
    expect([...blocks.people()]).toEqual(['p-a', 'p-b', 'p-c', 'p-d']);
    blocks.remove(settled);
    expect([...blocks.people()]).toEqual(['p-b', 'p-d']);
    expect(blocks.without([back('c', '2')])).toEqual([]);
  });
});
