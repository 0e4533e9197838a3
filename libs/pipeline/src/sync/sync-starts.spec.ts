import { compileFlow, createSyncDirectory, newProfile, syncFlows, syncRuleContentSchema, type ConsentStanding, type ConsentState, type SyncRule } from '@firsthand/domain';
import { newPersonWork } from '../person/person-work.js';
import { syncStarts } from './sync-starts.js';

const RULE: SyncRule = { ruleId: 'ads', version: 1, ...syncRuleContentSchema.parse({ name: 'Ads', connectionId: 'ads', action: 'put', purpose: 'marketing', fields: [{ field: 'profile.city', to: 'city' }], memberships: [{ segmentId: 'vip', action: 'list' }] }) };
const CONFIGURATION = { syncs: createSyncDirectory([RULE], (id) => id), flows: syncFlows(RULE).map((definition) => ({ compiled: compileFlow(definition), mappings: new Map() })) };
const standing = (decision: ConsentStanding['decision'], more: Partial<ConsentStanding> = {}): ConsentStanding => (
  { decision, recordId: 'c', agreementId: null, agreementVersion: null, textHash: null, method: 'toggle', effectiveAt: 0, recordedAt: 0, ...more });

/** How often the rule starts for somebody whose consents have come to be these, of the purposes named. */
function starts(consents: ConsentState, changed: readonly string[], { isIn = false, hasMoved = false } = {}): number {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
  const person = newPersonWork({ ...profile, memberships: { vip: { isMember: isIn, at: 0, n: 1, version: 1 } } as unknown as typeof profile.memberships }, consents, false);
  if (hasMoved) person.membershipChanges.push({ segmentId: 'vip', isMember: isIn });
  for (const purpose of changed) person.changedPurposes.add(purpose);
  return syncStarts([person], [], CONFIGURATION).length;
}

describe('a sync rule starts for who may be written to from now on', () => {
  it.each<[string, ConsentState, string[], number]>([
    ['the purpose is granted for third parties alone', { marketing: { 'third-party': standing('granted') } }, ['marketing'], 1],
    ['everything was restricted, and is no more', { 'marketing': { own: standing('granted') }, '*': { own: standing('granted') } }, ['*'], 1],
    ['it is refused', { marketing: { own: standing('withdrawn') } }, ['marketing'], 0],
    ['the grant waits for its proof', { marketing: { 'waiting:own': standing('granted', { waitsFor: 'proof' }) } }, ['marketing'], 0],
    ['another purpose is granted', { marketing: { own: standing('granted') }, news: { own: standing('granted') } }, ['news'], 0],
  ])('%s', (_, consents, changed, expected) => expect(starts(consents, changed)).toBe(expected));

  it('puts who is in a segment on its list, which they could not come onto when they entered it', () => {
    const granted = [{ marketing: { 'third-party': standing('granted') } }, ['marketing']] as const;
    expect([starts(...granted, { isIn: true }), starts(...granted, { isIn: true, hasMoved: true }), starts({ marketing: { own: standing('withdrawn') } }, ['marketing'], { isIn: true })]).toEqual([2, 1, 0]);
  });
});
