import { FirsthandError } from '@firsthand/domain';
import { MAX_LIST_ROWS, readListRows } from './read-list-rows.js';

async function refusal(body: unknown): Promise<FirsthandError> {
  const error = await readListRows(body).then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof FirsthandError)) throw new TypeError('It was not refused.');
  return error;
}

describe('readListRows', () => {
  it('reads objects, and CSV by its header', async () => {
    expect(await readListRows([{ email: 'a@example.com' }, 'x', null])).toEqual([{ row: 1, entry: { email: 'a@example.com' } }, { row: 2, entry: null }, { row: 3, entry: null }]);
    expect(await readListRows('\uFEFF"email";phone\r\na@example.com;\r\n;139\r\nb@example.com;1;2\r\n')).toEqual([
      { row: 1, entry: { email: 'a@example.com' } }, { row: 2, entry: { phone: '139' } }, { row: 3, entry: null },
    ]);
    expect(await readListRows('email\n')).toEqual([]);
  });

  it('refuses a file without a header, and repeats nothing of it', async () => {
    const error = await refusal('ana@example.com,u-1\nbob@example.com,u-2\n');
    expect(error.code).toBe('INVALID_REQUEST');
    expect(error.places.map(({ path }) => path)).toEqual(['/header/0', '/header/1']);
    expect(JSON.stringify([error.message, error.detail, error.places])).not.toMatch(/ana@|u-1/);
  });

  it('takes so many in one call and no more', async () => {
    const many = Array.from({ length: MAX_LIST_ROWS }, (_, index) => ({ userId: `u${index}` }));
    expect(await readListRows(many)).toHaveLength(MAX_LIST_ROWS);
    expect((await refusal([...many, {}])).code).toBe('LIST_TOO_LONG');
    expect((await refusal(`userId\n${many.map(({ userId }) => userId).join('\n')}\none-more\n`)).code).toBe('LIST_TOO_LONG');
  });
});
