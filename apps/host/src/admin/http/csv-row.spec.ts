import { csvRow } from './csv-row.js';

it.each([
  [['a', 'b'], '"a","b"\r\n'], [['say "hi", you\nthere'], '"say ""hi"", you\nthere"\r\n'],
  [['=HYPERLINK("x")', '+8613812345678', '-1', '@a', '\tx', '\rx', 'a=b'], '"\'=HYPERLINK(""x"")","\'+8613812345678","\'-1","\'@a","\'\tx","\'\rx","a=b"\r\n'],
])('%j is one line that no sheet runs', (cells, line) => {
  expect(csvRow(cells)).toBe(line);
});
