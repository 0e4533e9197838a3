import { warnOfForeignTombstones } from './warn-of-foreign-tombstones.js';

async function linesFor(keyIds: string[]): Promise<unknown[]> {
  const lines: unknown[] = [];
  const tombstones = { countDocuments: ({ keyId: { $ne } }: { keyId: { $ne: string } }) => Promise.resolve(keyIds.filter((id) => id !== $ne).length) };
  await warnOfForeignTombstones(tombstones, 'now', { error: (fields: unknown, message?: string) => void lines.push([fields, message]) });
  return lines;
}

describe('warnOfForeignTombstones', () => {
  it('says how many were erased under another key, and the way out', async () => {
    expect(await linesFor(['now', 'former', 'former'])).toEqual([[{ identities: 2 }, expect.stringMatching(/^2 identities .*Put the former FIRSTHAND_SECRET_KEY back/)]]);
  });

  it.each([[[]], [['now']]])('has nothing to say of %j', async (keyIds) => {
    expect(await linesFor(keyIds)).toEqual([]);
  });
});
