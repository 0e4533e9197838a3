/**
 * What fault runs measured, over all of them.
 * @param {string} text lines of JSON, `{ name, value }`, as the specs note them
 * @returns {string[]} a line per name: how often, and the smallest, middle and greatest value
 */
export function summarise(text) {
  const values = new Map();
  for (const line of text.split('\n').filter(Boolean)) {
    const { name, value } = JSON.parse(line);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return [...values].map(([name, all]) => {
    const sorted = all.sort((a, b) => a - b);
    const [least, middle, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((value) => Math.round(value * 100) / 100);
    return `${name}: ${least} / ${middle} / ${most} (least, median, most of ${sorted.length})`;
  });
}
