import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const pages = ['.', 'docs', ...readdirSync(join(ROOT, 'plugins')).map((name) => `plugins/${name}`)].flatMap((folder) => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md')).map((name) => join(folder, name)));
const prose = (page: string): string => readFileSync(join(ROOT, page), 'utf8').replace(/```[^]*?```/g, '');
/** What GitHub calls a heading in an address. */
const anchorOf = (heading: string): string => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');

function isThere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || [...prose(target).matchAll(/^#+ (.*)$/gm)].some(([, heading = '']) => anchorOf(heading) === decodeURIComponent(anchor));
}

it('every link of a page leads to a file, and to a heading of it', () => {
  const links = pages.flatMap((page) => [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => [page, link] as const)).filter(([, link]) => !/^[a-z]+:/.test(link));
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(([page, link]) => !isThere(page, link))).toEqual([]);
});
