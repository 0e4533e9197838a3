import fc from 'fast-check';
import { decodeCsv } from './decode-csv.js';

async function read(chunks: string[], maxRowChars = 1_000): Promise<unknown[]> {
  async function* source(): AsyncGenerator<string> {
    yield* chunks;
  }
  const rows: unknown[] = [];
  for await (const row of decodeCsv(source(), { maxRowChars })) rows.push(row);
  return rows;
}
const records = (rows: unknown[]) => rows.map((row) => (row as { record?: unknown; error?: string }).record ?? (row as { error: string }).error);

describe('decodeCsv', () => {
  it('gives an object per row by the names of the header', async () => {
    expect(await read(['id,name\n1,Ana\n2,Bo\n'])).toEqual([{ row: 1, record: { id: '1', name: 'Ana' }, chars: 5 }, { row: 2, record: { id: '2', name: 'Bo' }, chars: 4 }]);
  });

  it('finds the delimiter, passes over a byte order mark, empty lines and empty cells', async () => {
    expect(records(await read(['\uFEFFid;name;city\r\n\r\n1;"A;B";\r\n2;;Lima']))).toEqual([{ id: '1', name: 'A;B' }, { id: '2', city: 'Lima' }]);
    expect(records(await read(['id\tname, full\tcity\n1\tAna, B\tLima\n']))).toEqual([{ id: '1', 'name, full': 'Ana, B', city: 'Lima' }]);
  });

  it('drops columns without a name or with one that is dangerous', async () => {
    expect(records(await read(['id,,__proto__\n1,x,y\n']))).toEqual([{ id: '1' }]);
  });

  it('reports a row with too many cells and goes on', async () => {
    expect(records(await read(['id,name\n1,a,b\n2,c\n3\n']))).toEqual(['The row has 3 cells, the header 2.', { id: '2', name: 'c' }, { id: '3' }]);
  });

  it('reports a row that is too long, without keeping it, and goes on after it', async () => {
    expect(records(await read(['id,name\n1,', 'x'.repeat(60), `,"${'y\n'.repeat(60)}"\n2,Bo\n`], 50))).toEqual(['The row is too long.', { id: '2', name: 'Bo' }]);
  });

  it('reports a quote that is never closed', async () => {
    expect(records(await read(['id,name\n1,Ana\n2,"Bo\n3,Cy\n']))).toEqual([{ id: '1', name: 'Ana' }, 'A quote is opened and never closed.']);
  });

  it.each([
    ['names two columns alike', 'id,, name ,name,id\n1,2,3,4,5\n', 'The columns 3 and 4 have the same name.'],
    ['names nothing', ' ,,\n1,2,3\n', 'The header names no column.'],
    ['is too long', `id,${'x'.repeat(60)}\n1,2\n`, 'The header is too long.'],
  ])('refuses a file whose header %s, and quotes nothing of it', async (_what, text, detail) => {
    await expect(read([text], 50)).rejects.toMatchObject({ code: 'INVALID_REQUEST', detail });
  });

  it('reads nothing out of nothing', async () => {
    expect(await read([])).toEqual([]);
    expect(await read(['', 'id,name'])).toEqual([]);
  });

  it('reads back what was written, however it is cut into pieces', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', '\t', ' ', '上', '\u{1f600}'), minLength: 1, maxLength: 8 });
    const table = fc.integer({ min: 1, max: 4 }).chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(table, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), fc.constantFrom('\n', '\r\n'), async (rows, cuts, end) => {
        const header = (rows[0] as string[]).map((_cell, index) => `c${index}`);
        const written = [header, ...rows].map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')).join(end);
        const chunks: string[] = [];
        for (let at = 0, cut = 0; at < written.length; cut += 1) {
          const size = cuts[cut % cuts.length] as number;
          chunks.push(written.slice(at, at + size));
          at += size;
        }
        expect(records(await read(chunks))).toEqual(rows.map((cells) => Object.fromEntries(cells.map((text, index) => [`c${index}`, text]))));
      }),
    );
  });
});
