const COLUMNS = ['member_no', 'email', 'phone', 'first_name', 'last_name', 'gender', 'birthday', 'street', 'city', 'postal_code', 'country', 'membership_level', 'loyalty_points', 'tags', 'notes', 'updated_at'];
/** A column that no mapping asks for, as every export has some: it is kept in the raw record. */
const NOTES = '"Prefers the store in the afternoon, asks for a half size larger; gift wrapping at the Spring Festival, and a call before a delivery, in the evening, please."';
const CHUNK_CHARS = 64 * 1024;

/**
 * A CSV file of contacts that is made up while it is read, so that no file of that size is stored anywhere. Every row is another person, about 400 bytes;
 * quoted cells hold delimiters and quotes.
 * @param {{ bytes: number, tooWideEvery?: number }} options `tooWideEvery`: each so many-th row has a cell more than the header
 * @returns {{ chunks: AsyncGenerator<string>, made: { rows: number, tooWide: number, bytes: number } }} `made` is whole when the chunks are read to their end
 */
export function contactsFile({ bytes, tooWideEvery = Infinity }) {
  const made = { rows: 0, tooWide: 0, bytes: 0 };
  const row = () => {
    made.rows += 1;
    const isTooWide = made.rows % tooWideEvery === 0;
    if (isTooWide) made.tooWide += 1;
    return `${contactRow(made.rows)}${isTooWide ? ',more' : ''}\n`;
  };
  async function* chunks() {
    let chunk = `${COLUMNS.join(',')}\n`;
    while (made.bytes + chunk.length < bytes) {
      if (chunk.length >= CHUNK_CHARS) {
        made.bytes += chunk.length;
        yield chunk;
        chunk = '';
      }
      chunk += row();
    }
    made.bytes += chunk.length;
    yield chunk;
  }
  return { chunks: chunks(), made };
}

function contactRow(n) {
  const phone = `+8613${String(900_000_000 + (n % 99_999_999))}`;
  return `M${String(n).padStart(9, '0')},person-${n}@example.com,${phone},Ana ${n},Lima,F,1990-05-17,"${n} Nanjing West Road, ""Plaza"", Floor ${n % 40}",Shanghai,200041,CN,gold,"1,${n % 10}00",vip; newsletter,${NOTES},2026-03-${String((n % 28) + 1).padStart(2, '0')} 08:00:00`;
}
