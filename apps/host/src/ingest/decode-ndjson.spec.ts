import { decodeNdjson } from './decode-ndjson.js';

async function read(chunks: string[], maxRowChars = 1_000): Promise<unknown[]> {
  async function* source(): AsyncGenerator<string> {
    yield* chunks;
  }
  const rows: unknown[] = [];
  for await (const row of decodeNdjson(source(), { maxRowChars })) rows.push(row);
  return rows;
}

describe('decodeNdjson', () => {
  it('gives an object per line, however the text is cut', async () => {
    const text = '\uFEFF{"a":1}\r\n\n  \n{"a":2}\n{"a":3}';
    // The first line has a byte order mark and a carriage return besides.
    const expected = [1, 2, 3].map((a, index) => ({ row: index + 1, record: { a }, chars: index === 0 ? 9 : 7 }));
    expect(await read([text])).toEqual(expected);
    expect(await read([...text])).toEqual(expected);
  });

  it('reports lines that are no object, and goes on', async () => {
    expect(await read(['nonsense\n[1]\nnull\n{"a":1}\n'])).toEqual([
      { row: 1, error: 'The line is not valid JSON.' }, { row: 2, error: 'The line is no JSON object.' }, { row: 3, error: 'The line is no JSON object.' }, { row: 4, record: { a: 1 }, chars: 7 },
    ]);
  });

  it('reports a line that is too long once, and goes on after it', async () => {
    const long = `{"a":"${'x'.repeat(50)}"}`;
    expect(await read([`${long}\n{"a":1}\n`], 20)).toEqual([{ row: 1, error: 'The row is too long.' }, { row: 2, record: { a: 1 }, chars: 7 }]);
    expect(await read([...`${long}\n{"a":1}\n${long}`], 20)).toEqual([{ row: 1, error: 'The row is too long.' }, { row: 2, record: { a: 1 }, chars: 7 }, { row: 3, error: 'The row is too long.' }]);
  });
});
