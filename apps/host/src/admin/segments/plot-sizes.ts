/** What is plotted: times are ISO 8601, oldest first. */
export interface SizeCurve {
  segmentId: string;
  points: readonly { at: string; size: number }[];
  changes: readonly { at: string; before: number; after: number }[];
}

const WIDTH = 800;
const HEIGHT = 300;
const LEFT = 70;
const RIGHT = 20;
const TOP = 40;
const BOTTOM = 40;
const LINES = 4;

/**
 * Plots the sizes of a segment as an SVG that stands alone: a line over time from zero up, with the changes that were told as dots. It holds ids,
 * numbers and times only.
 *
 * @example plotSizes({ segmentId: 'vip', points: [{ at: '2026-11-24T08:00:00.000Z', size: 3 }], changes: [] })
 */
export function plotSizes({ segmentId, points, changes }: SizeCurve): string {
  const times = points.map(({ at }) => Date.parse(at));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const top = Math.max(1, ...points.map(({ size }) => size), ...changes.map(({ after }) => after));
  const x = (at: number): string => (LEFT + (last === first ? 0.5 : (at - first) / (last - first)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (size: number): string => (HEIGHT - BOTTOM - (size / top) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const text = (left: string | number, at: string | number, anchor: string, content: string): string => `<text x="${left}" y="${at}" text-anchor="${anchor}">${escapeXml(content)}</text>`;
  const grid = Array.from({ length: LINES + 1 }, (_, index) => Math.round((top * index) / LINES)).map((size) => (
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(size)}" y2="${y(size)}" stroke="#ddd"/>${text(LEFT - 8, Number(y(size)) + 4, 'end', size.toLocaleString('en'))}`));
  const line = points.map(({ size }, index) => `${x(times[index] as number)},${y(size)}`).join(' ');
  const dots = changes.map(({ at, before, after }) => `<circle cx="${x(Date.parse(at))}" cy="${y(after)}" r="4" fill="#c2410c"><title>${escapeXml(`${at}: ${before} → ${after}`)}</title></circle>`);
  const ends = points.length === 0 ? [text(WIDTH / 2, HEIGHT / 2, 'middle', 'No snapshot in this span of time')] : [
    text(LEFT, HEIGHT - 14, 'start', `${points[0]?.at.slice(0, 16)}Z`), ...(points.length > 1 ? [text(WIDTH - RIGHT, HEIGHT - 14, 'end', `${points.at(-1)?.at.slice(0, 16)}Z`)] : []),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="12" fill="#444">`,
    `<title>${escapeXml(`Members of ${segmentId} over time`)}</title><rect width="100%" height="100%" fill="#fff"/>`,
    text(LEFT, 24, 'start', `Members of ${segmentId}`), ...grid, ...ends,
    `<polyline points="${line}" fill="none" stroke="#1d4ed8" stroke-width="2"/>`, ...dots, '</svg>',
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
