import type { DisclosureGround, DisclosureRow } from '../ports/rows.js';
import { isNews, LAST_SEEN_STEP_MS } from './disclosure-news.js';

const ground = (over: Partial<DisclosureGround> = {}): DisclosureGround => ({
  purpose: 'marketing', reason: 'consent-granted', agreementId: 'terms', agreementVersion: 1, recipient: 'processor', country: 'DE', recipientName: 'CRM', fields: ['profile.email'], firstAt: 0, lastAt: 0, ...over,
});
const disclosure = (over: Partial<DisclosureRow> = {}, of: Partial<DisclosureGround> = {}): DisclosureRow => ({
  workspaceId: 'w', connectionId: 'crm', action: 'upsert', profileId: 'p1', purposes: ['marketing'], fields: ['profile.email'], identifiers: [{ email: 'ana@example.com' }], firstAt: 0, grounds: [ground(of)], ...over,
});
const known = [disclosure()];

describe('what a recipient gets', () => {
  it('is no news when all of it is noted, for an hour', () => {
    expect(isNews(disclosure({}, { lastAt: LAST_SEEN_STEP_MS - 1 }), known)).toBe(false);
    expect(isNews(disclosure({}, { lastAt: LAST_SEEN_STEP_MS }), known)).toBe(true);
    expect(isNews(disclosure({}, { recipientName: 'Our CRM' }), known)).toBe(false);
  });

  it.each<[string, Partial<DisclosureRow>, Partial<DisclosureGround>]>([
    ['another person of those who were merged', { profileId: 'p2' }, {}], ['a purpose', { purposes: ['care'] }, {}], ['a field', { fields: ['profile.city'] }, {}], ['identifiers', { identifiers: [{ email: 'other@example.com' }] }, {}],
    ['a version of the agreement', {}, { agreementVersion: 2 }], ['a ground', {}, { reason: 'basis-contract', agreementId: null, agreementVersion: null }], ['a kind of recipient', {}, { recipient: 'third-party' }], ['a country', {}, { country: 'US' }],
    ['a field on a ground', {}, { fields: ['profile.city'] }],
  ])('is news when it is %s that is not noted', (_what, over, of) => {
    expect(isNews(disclosure(over, of), known)).toBe(true);
    expect(isNews(disclosure(over, of), [disclosure(over, of)])).toBe(false);
  });

  it('is news to a row of earlier days, which tells no grounds', () => {
    expect(isNews(disclosure(), [disclosure({ grounds: [] })])).toBe(true);
  });
});
