import type { Identity } from '../canonical/canonical-record.js';
import { forgetParted, hearParted, joinParted, partedKeys, partedOf } from './parted-there.js';
import type { PartedThere } from './profile.js';

const at = 100;
const ours: PartedThere = { mergeId: 'm', id: 'crmId|a:2', at, own: ['crmId|a:2', 'email|b@example.com'] };
const theirs: PartedThere = { mergeId: 'm', id: 'crmId|a:1', at, strangers: ['digest'] };
const isOwnId = ({ namespace, value }: Identity): boolean => namespace === 'crmId' && value.startsWith('a:');
const said = (occurredAt: number, ...keys: string[]) => ({ type: 'identify' as const, occurredAt, identities: keys.map((key) => ({ namespace: key.split('|')[0] ?? '', value: key.split('|')[1] ?? '' })) });
const all = (): boolean => true;

describe('two who were told apart while a system holds one record of them', () => {
  it('are apart there no more when they become one, and stay so when either becomes one with a third', () => {
    expect(joinParted({ parted: [ours] }, { parted: [theirs] })).toEqual({});
    expect(joinParted({ parted: [ours] }, {})).toEqual({ parted: [ours] });
    expect(joinParted({ parted: [ours] }, { parted: [{ ...theirs, mergeId: 'other' }] })).toEqual({ parted: [ours, { ...theirs, mergeId: 'other' }] });
    expect(joinParted({ parted: [ours] }, { parted: [ours] }).parted).toHaveLength(2);
  });

  it('are apart there as before when what made them one is taken back', () => {
    expect(partedOf(all, {}, { parted: [ours] })).toEqual({ parted: [ours] });
    expect(partedOf(all, { parted: [ours] }, { parted: [ours] })).toEqual({ parted: [ours] });
    expect(partedOf((key) => key !== ours.id, { parted: [ours, theirs] }, {})).toEqual({ parted: [theirs] });
  });

  it('are found by what the system names a record of their own by, from then on, and only by a later word of that system', () => {
    const profile = { parted: [ours] };
    const keys = (): string[] => [...partedKeys(profile, isOwnId)];
    for (const word of [said(at, 'crmId|a:3', 'email|b@example.com'), said(at + 1, 'email|b@example.com'), said(at + 1, 'crmId|b:3', 'email|b@example.com')]) hearParted(profile, word, isOwnId);
    hearParted(profile, { ...said(at + 1, 'crmId|a:3', 'email|b@example.com'), type: 'delete' as never }, isOwnId);
    expect(keys()).toEqual(ours.own);
    expect([...partedKeys(profile, ({ value }) => value.startsWith('b:'))]).toEqual([]);
    hearParted(profile, said(at + 1, 'crmId|a:3', 'crmId|a:2', 'email|b@example.com'), isOwnId);
    expect(keys()).toEqual(['crmId|a:2']);
    hearParted(profile, said(at + 2, 'crmId|a:2'), isOwnId);
    expect(profile).toEqual({});
  });

  it('keep nothing of an identity that is taken off them', () => {
    const profile = { parted: [ours, theirs] };
    forgetParted(profile, 'email|b@example.com');
    expect(profile.parted).toEqual([{ ...ours, own: ['crmId|a:2'] }, theirs]);
    forgetParted(profile, 'crmId|a:2');
    forgetParted(profile, 'crmId|a:1');
    expect(profile).toEqual({});
  });
});
