/** A number padded, so that text order is number order. */
export function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
