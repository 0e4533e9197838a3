/** What a sheet may take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One line of a CSV file (RFC 4180), every cell quoted. A sheet must not take a value for a formula: such a one gets an apostrophe before it.
 *
 * @example csvRow(['Ana', '=1+1']) // '"Ana","\'=1+1"\r\n'
 */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${(FORMULA.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`).join(',')}\r\n`;
}
