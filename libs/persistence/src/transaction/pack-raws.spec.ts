import { packRaws } from './pack-raws.js';

const event = (raw: string | null, workspaceId = 'acme', receivedAt = 1_000) => ({ workspaceId, receivedAt, raw });

describe('packRaws', () => {
  it('puts raw records together and tells where each is', () => {
    const { documents, places } = packRaws([event('a'), event(null), event('b', 'acme', 3_000), event('c', 'acme', 2_000)], 500);
    expect(documents).toEqual([{ _id: expect.stringMatching(/^acme\|/), schemaVersion: 1, workspaceId: 'acme', raws: ['"a"', '"b"', '"c"'], expireAt: new Date(3_500) }]);
    const id = documents[0]?._id;
    expect(places).toEqual([{ in: id, at: 0 }, null, { in: id, at: 1 }, { in: id, at: 2 }]);
  });

  it('begins another document for another workspace and before one grows too large', () => {
    const large = 'x'.repeat(2_000_000);
    const { documents, places } = packRaws([event(large), event(large), event('small'), event('b', 'other')], 500);
    expect(documents.map(({ workspaceId, raws }) => [workspaceId, raws.length])).toEqual([['acme', 1], ['acme', 2], ['other', 1]]);
    expect(places.map((place) => documents.findIndex(({ _id }) => _id === place?.in))).toEqual([0, 1, 1, 2]);
  });

  it('writes nothing for events without one', () => {
    expect(packRaws([event(null)], 500)).toEqual({ documents: [], places: [null] });
  });
});
