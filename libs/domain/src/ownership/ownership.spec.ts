import fc from 'fast-check';
import { createDictionary } from '../canonical/create-dictionary.js';
import { decideField } from '../profile/field-candidates.js';
import type { ProfileField } from '../profile/profile.js';
import { MAY_NOT_WRITE, WINNING_REASONS, weigh } from '../profile/winning-field.js';
import { compileOwnership, FLOW_SOURCE } from './compile-ownership.js';
import { explainField } from './explain-field.js';
import { ownershipProblems, ownershipSettingsSchema, placesNaming, type OwnershipSettings } from './ownership-settings.js';
import { ownershipText } from './ownership-text.js';

const dictionary = createDictionary({ customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU size.', owner: 'store' }] });
const channels = new Map([['pos', 'store'], ['till', 'store'], ['crm', 'crm'], ['site', 'web'], ['odd', 'unknown']]);
const compile = (fields: object[] = [], defaults: object = {}) => compileOwnership(read({ defaults, fields }), { dictionary, channels });
const read = (given: object): OwnershipSettings => ownershipSettingsSchema.parse(given);
const said = (source: string, at: number, more: Partial<ProfileField> = {}): ProfileField => ({ value: source, at, source, origin: 'm', version: 1, ...more });
const winnerOf = ({ rank }: ReturnType<typeof compile>, field: string, ...all: ProfileField[]) => decideField(all, field, rank).winner?.source;

describe('without settings', () => {
  const { rank } = compileOwnership(undefined, { dictionary, channels });

  it('the channel that owns a field comes first, and all others are equal', () => {
    expect(rank('preferredStoreId', 'pos')).toBeLessThan(rank('preferredStoreId', 'crm'));
    expect(rank('preferredStoreId', 'crm')).toBe(rank('preferredStoreId', 'site'));
    expect(rank('email', 'crm')).toBeLessThan(rank('email', 'pos'));
    expect(rank('custom.shoeSize', 'pos')).toBeLessThan(rank('custom.shoeSize', 'crm'));
    expect(rank('noSuchField', 'crm')).toBe(rank('noSuchField', 'site'));
    expect(rank('email', FLOW_SOURCE)).toBe(rank('email', 'site'));
  });

  it('a connection that was deleted comes after all that are there, and one whose plugin is missing does not', () => {
    expect(rank('email', 'gone')).toBeGreaterThan(rank('email', 'site'));
    expect(rank('email', 'odd')).toBe(rank('email', 'site'));
    expect(rank('email', 'gone')).not.toBe(MAY_NOT_WRITE);
    expect([rank.refusesSome, rank.priorityOf]).toEqual([false, undefined]);
  });
});

describe('with settings', () => {
  it.each<[string, object, ProfileField[], string | undefined]>([
    ['a master before what is newer', { masters: [{ connectionId: 'pos' }] }, [said('crm', 5), said('pos', 1)], 'pos'],
    ['the newer of two masters', { masters: [{ channel: 'store' }] }, [said('till', 2), said('pos', 1), said('crm', 9)], 'till'],
    ['the newest of the others', { masters: [{ connectionId: 'pos' }] }, [said('crm', 5), said('site', 6)], 'site'],
    ['priority at one time', { masters: [], priority: [{ channel: 'crm' }, { channel: 'web' }] }, [said('site', 5), said('crm', 5), said('pos', 5)], 'crm'],
    ['no priority at another', { masters: [], priority: [{ channel: 'crm' }] }, [said('site', 6), said('crm', 5)], 'site'],
    ['the newest whoever owns it', { policy: 'newest' }, [said('crm', 5), said('site', 6)], 'site'],
    ['the order of sources', { policy: 'priority', masters: [], priority: [{ connectionId: 'till' }, { channel: 'web' }] }, [said('crm', 9), said('site', 8), said('till', 1)], 'till'],
    ['the order after a master', { policy: 'priority', masters: [{ channel: 'crm' }], priority: [{ channel: 'web' }] }, [said('crm', 1), said('site', 8)], 'crm'],
    ['nobody who may not write', { masters: [], refused: [{ channel: 'web' }] }, [said('site', 9), said('crm', 1)], 'crm'],
    ['nobody who is not among those who may', { masters: [{ channel: 'crm' }], proposers: [{ channel: 'store' }] }, [said('site', 9), said('pos', 1)], 'pos'],
    ['nothing where nobody may', { masters: [], refused: [{ channel: 'web' }] }, [said('site', 9)], undefined],
    ['a flow as one of a channel', { masters: [{ channel: 'flow' }] }, [said('crm', 9), said(FLOW_SOURCE, 1)], 'flow'],
    ['a correction whoever may write', { masters: [], proposers: [{ channel: 'store' }] }, [said('@rectification', 5, { correctedAt: 5, correction: { by: 'person', reason: 'inaccurate' } }), said('pos', 4)], '@rectification'],
  ])('believes %s', (_, rule, all, winner) => {
    expect(winnerOf(compile([{ field: 'profile.city', ...rule }]), 'city', ...all)).toBe(winner);
    expect(winnerOf(compile([{ field: 'profile.city', ...rule }]), 'city', ...[...all].reverse())).toBe(winner);
  });

  it('fields without a word of their own follow the defaults', () => {
    const ownership = compile([{ field: 'profile.city', policy: 'owner-first' }], { policy: 'newest' });
    expect([winnerOf(ownership, 'email', said('crm', 1), said('site', 2)), winnerOf(ownership, 'city', said('crm', 1), said('site', 2))]).toEqual(['site', 'crm']);
    expect([ownershipText(ownership.of('email')), ownershipText(ownership.of('city'))]).toEqual(['the newest', 'master channel:crm; then the newest']);
    expect(ownershipText(compile([{ field: 'profile.city', masters: [], proposers: [{ channel: 'store' }], refused: [{ connectionId: 'till' }], policy: 'priority', priority: [{ connectionId: 'pos' }, { channel: 'web' }] }]).of('city')))
      .toBe('connection:pos > channel:web; then the newest; others who may write: channel:store; may not write: connection:till');
  });

  it('are refused with the place of what cannot hold', () => {
    const settings = read({
      defaults: { policy: 'priority' },
      fields: [
        { field: 'profile.nothing' }, { field: 'order.total' }, { field: 'profile.city', masters: [{ connectionId: 'crm' }, { connectionId: 'gone' }], refused: [{ channel: 'web' }, { connectionId: 'crm' }] },
        { field: 'profile.city', proposers: [{ connectionId: 'gone' }], policy: 'priority' },
      ],
    });
    expect(ownershipProblems(settings, { dictionary, connections: new Set(['crm']) }).map(({ path }) => path)).toEqual([
      '/defaults/priority', '/fields/0/field', '/fields/1/field', '/fields/2/masters/1/connectionId', '/fields/2/refused/1', '/fields/3/field', '/fields/3/proposers/0/connectionId', '/fields/3/priority',
    ]);
    expect(placesNaming(settings, 'gone')).toEqual(['/fields/2/masters/1/connectionId', '/fields/3/proposers/0/connectionId']);
  });
});

describe('explainField', () => {
  const explain = (ownership: ReturnType<typeof compile>, ...all: ProfileField[]) => {
    const { winner, others } = decideField(all, 'city', ownership.rank);
    const { why, candidates } = explainField({ fields: winner === undefined ? {} : { city: winner }, candidates: { city: others } }, 'city', ownership);
    return [why, ...candidates.map(({ field, lostBy }) => `${field.source} ${lostBy}`)];
  };

  it('says what set the winner apart from the next best, and each loser from the winner', () => {
    const rules = compile([{ field: 'profile.city', masters: [{ channel: 'crm' }], refused: [{ connectionId: 'odd' }], priority: [{ connectionId: 'till' }, { connectionId: 'pos' }] }]);
    expect(explain(rules, said('crm', 1))).toEqual(['only-source']);
    expect(explain(rules, said('crm', 1), said('odd', 5))).toEqual(['only-source', 'odd may-not-write']);
    expect(explain(rules, said('crm', 1), said('site', 5), said('gone', 7))).toEqual(['owner', 'gone source-removed', 'site owner']);
    expect(explain(rules, said('site', 1), said('gone', 7))).toEqual(['source-removed', 'gone source-removed']);
    expect(explain(rules, said('pos', 5), said('site', 4))).toEqual(['newest', 'site newest']);
    expect(explain(rules, said('pos', 5), said('till', 5))).toEqual(['priority', 'pos priority']);
    expect(explain(compile([{ field: 'profile.city', policy: 'priority', masters: [{ channel: 'crm' }], priority: [{ connectionId: 'till' }, { connectionId: 'pos' }] }]), said('pos', 5), said('till', 1))).toEqual(['priority', 'pos priority']);
    expect(explain(rules, said('site', 5, { origin: 'b' }), said('till', 4), said('odd', 9))).toEqual(['newest', 'odd may-not-write', 'till newest']);
    expect(explain(rules, said('odd', 9))).toEqual(['may-not-write', 'odd may-not-write']);
    expect(explain(rules, said('@rectification', 5, { correctedAt: 5, correction: { by: 'person', reason: 'inaccurate' } }))).toEqual(['correction']);
    expect(explain(rules, said('site', 6), said('@rectification', 5, { correctedAt: 5, correction: { by: 'person', reason: 'inaccurate' } }))).toEqual(['newer-than-correction', '@rectification newer-than-correction']);
  });

  it('never explains by a step that would decide otherwise', () => {
    const one = fc.record({ source: fc.constantFrom('crm', 'pos', 'till', 'site', 'gone'), at: fc.integer({ min: 0, max: 2 }), origin: fc.constantFrom('a', 'b') }).map(({ source, at, origin }) => said(source, at, { origin }));
    const rules = compile([{ field: 'profile.city', priority: [{ channel: 'store' }] }]);
    fc.assert(fc.property(one, one, (a, b) => {
      const [there, back] = [weigh(a, b, 'city', rules.rank), weigh(b, a, 'city', rules.rank)];
      expect(there + back).toBe(0);
      if (a.source !== b.source) expect(['owner', 'newest', 'priority', 'tie']).toContain(WINNING_REASONS[Math.abs(there)]);
    }));
  });
});
