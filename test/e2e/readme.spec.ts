import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runBlocks, shellBlocks, tourOf, withoutComments, type BlockResult } from '../support/readme-commands.js';
import { freePort, startHost, type TestHost } from '../support/start-host.js';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const HASH_OF_EMAIL = createHash('sha256').update('ana@example.com').digest('hex');
const readme = read('README.md');
const CHAPTERS = ['signIn', 'law', 'connections', 'activation', 'channels', 'profile', 'agreement', 'correction', 'withdrawal', 'boughtData', 'books'] as const;

describe('the tour of the README', () => {
  let host: TestHost;
  let told: Record<(typeof CHAPTERS)[number], BlockResult>;

  beforeAll(async () => {
    host = await startHost();
    const blocks = shellBlocks(tourOf(readme));
    expect(blocks).toHaveLength(CHAPTERS.length);
    const env = { HOST: host.url, PASSWORD: host.firstRun?.ownerPassword ?? '', VENDORS_PORT: String(await freePort()) };
    const results = await runBlocks(blocks, { env, withinMs: 150_000 });
    told = Object.fromEntries(CHAPTERS.map((chapter, at) => [chapter, results[at]])) as typeof told;
  }, 180_000);
  afterAll(() => host.stop());

  const said = (chapter: (typeof CHAPTERS)[number]): unknown[] => told[chapter].lines.map((line) => (/^[[{]/.test(line) ? (JSON.parse(line) as unknown) : line));

  it('ends each block well', () => {
    expect(Object.values(told).map(({ exitCode }) => exitCode)).toEqual(CHAPTERS.map(() => 0));
  });

  it('signs in, and finds the fake CRM', () => {
    expect(said('signIn')).toContain('62515');
  });

  it('sets up purposes, the notice, connections, a segment and a flow', () => {
    expect(said('law')).toEqual(['shop', 'newsletter', 'ads', 'tour-notice', expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(said('connections')).toEqual(Array.from({ length: 6 }, () => 'enabled'));
    expect(said('activation')).toEqual(['live', 'live']);
    expect(host.configuration.problems()).toEqual([]);
  });

  it('takes in what five channels tell', () => {
    expect(said('channels')).toEqual([...Array.from({ length: 4 }, () => ({ success: true })), { status: 'ok' }, { status: 'ok' }]);
  });

  it('shows one profile, which serves what rests on a contract and nothing else yet', () => {
    const [count, identities, timeline, allowed] = said('profile') as [string, string[], string[], unknown[]];
    expect([count, identities.length, allowed]).toEqual(['8', 8, ['shop']]);
    expect(identities).toEqual(expect.arrayContaining(['anonymousId tour-browser', 'anonymousId tour-phone', 'anonymousId tour-mini', 'email ana@example.com', 'phone +8613987654321', 'userId tour-1']));
    expect([...new Set(timeline.map((event) => event.split(':')[0]))].sort()).toEqual(['tour-app', 'tour-crm', 'tour-mini', 'tour-store', 'tour-web']);
  });

  it('delivers to CRM and ad tool under consent, with evidence', () => {
    const textHash = said('law')[4];
    expect(said('agreement')).toEqual([
      textHash,
      [expect.objectContaining({ segmentId: 'tour-away', isMember: true })],
      ['tour-ads delivered', 'tour-crm delivered'],
      expect.arrayContaining([
        { connectionId: 'tour-ads', reason: 'consent-granted', agreementVersion: 1, fields: ['identities.email', 'profile.email'] },
        { connectionId: 'tour-crm', reason: 'consent-granted', agreementVersion: 1, fields: expect.arrayContaining(['profile.email', 'profile.phone']) },
      ]),
      [[HASH_OF_EMAIL]],
      ['+8613987654321'],
      [['spent', { 'branch-0': 1 }], ['crm', { deliver: 1 }], ['again', { capped: 1 }], ['ads', { deliver: 1 }]],
    ]);
  });

  it('writes a corrected number to the CRM, with its evidence', () => {
    expect(said('correction')).toEqual([
      'tour-phones', ['delivered'], ['profile.phone'], ['delivered', 'delivered'], ['+8613912345678'],
      [{ reason: 'consent-granted', agreementVersion: 1, fields: expect.arrayContaining(['profile.phone']) }],
    ]);
  });

  it('takes her out of the audience when she withdraws', () => {
    expect(said('withdrawal')).toEqual(['303', 'true', [[expect.stringMatching(/^suppression:/), ['email']]], []]);
  });

  it('refuses bought data with the reason', () => {
    expect(said('boughtData')).toEqual(['403', expect.stringContaining('Only data that the brand itself collected'), 'PROVENANCE_THIRD_PARTY', 'NOT_FOUND']);
  });

  it('balances', () => {
    expect(said('books')[0]).toBe('0');
  });
});

describe('the Chinese README', () => {
  const translated = read('README.zh-CN.md');

  it('has the same commands', () => {
    expect(shellBlocks(translated).length).toBeGreaterThan(CHAPTERS.length);
    expect(withoutComments(shellBlocks(translated))).toEqual(withoutComments(shellBlocks(readme)));
    expect(shellBlocks(tourOf(translated))).toEqual(shellBlocks(tourOf(readme)));
  });

  it('links to the same pages', () => {
    const linksOf = (page: string): string[] => [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '').filter((link) => !link.startsWith('README')).sort();
    expect(linksOf(translated)).toEqual(linksOf(readme));
  });
});
