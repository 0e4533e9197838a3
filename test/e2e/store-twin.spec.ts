import type { ConsentState } from '@firsthand/domain';
import { FenceLost, type Store, type StoreTransaction } from '@firsthand/pipeline';
import { row } from '../support/store-rows.js';
import { describeTwins, inserted, meeting, TWIN_WORKSPACE as ws, write } from '../support/twin-stores.js';

describeTwins('the store', (twin) => {
  let store: Store;
  beforeEach(() => { ({ store } = twin()); });
  const tx = <T>(work: (transaction: StoreTransaction) => Promise<T>) => store.transaction(work);

  describe('transactions', () => {
    it('write all or nothing, and show their own writes to themselves alone', async () => {
      await expect(tx(async (t) => {
        await t.insertDeliveries([row.delivery('d')]);
        expect(await t.findDeliveries(['acme|d'])).toHaveLength(1);
        expect(await tx((other) => other.findDeliveries(['acme|d']))).toEqual([]);
        throw new RangeError('no');
      })).rejects.toThrow(RangeError);
      expect(await tx((t) => t.findDeliveries(['acme|d']))).toEqual([]);
    });

    it('read one snapshot, from their first read on, whatever others commit', async () => {
      await tx((t) => t.writeConsentStates(ws, new Map([['p1', {}]])));
      const read = await tx(async (t) => {
        await t.findTombstones(ws, ['any']);
        await tx((other) => other.writeConsentStates(ws, new Map<string, ConsentState>([['p1', { marketing: {} }], ['p2', {}]])));
        return t.findConsentStates(ws, ['p1', 'p2']);
      });
      expect(read).toEqual(new Map([['p1', {}]]));
      expect(await tx((t) => t.findConsentStates(ws, ['p1', 'p2']))).toEqual(new Map([['p1', { marketing: {} }], ['p2', {}]]));
    });

    it('run again when another has written the same row since, and lose no write', async () => {
      await tx((t) => t.writeProfiles(inserted('p1')));
      const met = meeting(3);
      await Promise.all(Array.from({ length: 3 }, () => tx(async (t) => {
        const profile = (await t.findProfiles(ws, ['p1'])).get('p1')!;
        await met();
        await t.writeProfiles({ inserted: [], updated: [{ profile: { ...profile, version: profile.version + 1 }, dueAt: null }], deleted: [] });
      })));
      expect((await tx((t) => t.findProfiles(ws, ['p1']))).get('p1')?.version).toBe(4);
    });

    it('run again when another has committed the row that they write since their snapshot', async () => {
      await tx((t) => t.writeProfiles(inserted('p1')));
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        const profile = (await t.findProfiles(ws, ['p1'])).get('p1')!;
        if (runs === 1) await tx((other) => other.writeProfiles({ inserted: [], updated: [write('p1', 5)], deleted: [] }));
        await t.writeProfiles({ inserted: [], updated: [{ profile: { ...profile, version: profile.version + 1 }, dueAt: null }], deleted: [] });
      });
      expect([runs, (await tx((t) => t.findProfiles(ws, ['p1']))).get('p1')?.version]).toEqual([2, 6]);
    });

    it('run again when two insert the same identity, and the second sees the first', async () => {
      const met = meeting(2);
      let runs = 0;
      const owners = await Promise.all(['p1', 'p2'].map((profileId) => tx(async (t) => {
        runs += 1;
        const known = (await t.findIdentities(ws, ['email|a'])).get('email|a');
        await met();
        if (known === undefined) await t.insertIdentities(ws, new Map([['email|a', profileId]]), 1);
        return known ?? profileId;
      })));
      expect(new Set(owners).size).toBe(1);
      // Once for each, and again for who lost; once more each time that the other has not committed by then.
      expect(runs).toBeGreaterThanOrEqual(3);
    });

    it('run again when what they insert was inserted and removed by another since their snapshot', async () => {
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        await t.findTombstones(ws, ['digest']);
        if (runs === 1) {
          await tx(async (other) => {
            await other.insertIdentities(ws, new Map([['email|a', 'nobody']]), 1);
            await other.removePeople(ws, ['nobody']);
          });
        }
        await t.insertIdentities(ws, new Map([['email|a', 'p1']]), 1);
      });
      expect([runs, await tx((t) => t.findIdentities(ws, ['email|a']))]).toEqual([2, new Map([['email|a', 'p1']])]);
    });

    it('do not conflict on what they only read', async () => {
      await tx((t) => t.writeConsentStates(ws, new Map([['p1', {}]])));
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        await t.findConsentStates(ws, ['p1']);
        await tx((other) => other.writeConsentStates(ws, new Map([['p1', { marketing: {} }]])));
        await t.insertDeliveries([row.delivery('d')]);
      });
      expect(runs).toBe(1);
    });

    it('give up with CONFLICT after eight attempts, and throw what the work throws at once', async () => {
      await tx((t) => t.insertDeliveries([row.delivery('d')]));
      let runs = 0;
      await expect(tx((t) => {
        runs += 1;
        return t.insertDeliveries([row.delivery('d')]);
      })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(runs).toBe(8);
      await expect(tx(() => Promise.reject(new FenceLost()))).rejects.toThrow(FenceLost);
    });

    it('hand out rows that share nothing with what is stored', async () => {
      const profile = row.profile('p1', { fields: { email: { value: 'a', at: 1, source: 's', origin: 'o', version: 1 } } });
      await tx((t) => t.writeProfiles({ inserted: [{ profile, dueAt: null }], updated: [], deleted: [] }));
      profile.version = 9;
      await tx(async (t) => { (await t.findProfiles(ws, ['p1'])).get('p1')!.fields.email!.value = 'b'; });
      expect((await tx((t) => t.findProfiles(ws, ['p1']))).get('p1')).toMatchObject({ version: 1, fields: { email: { value: 'a' } } });
    });
  });

  describe('people', () => {
    it('are given events that name them, and taken sets that name another', async () => {
      const named = (...names: string[]) => ({ profileId: 'p1', record: row.record({ identities: names.map((value) => ({ namespace: 'userId' as const, value })) }) });
      await tx((t) => t.insertEvents([row.event('a', named('u1')), row.event('b', named('u1', 'u2')), row.event('c', { ...named('u2'), profileId: 'p2' })]));
      const found = await tx((t) => t.findEventsNaming(ws, 'p1', [{ namespace: 'userId', value: 'u2' }]));
      expect(found).toEqual([{ eventId: `${ws}|b`, connectionId: row.event('b').connectionId, identities: named('u1', 'u2').record.identities }]);
      expect(await tx((t) => t.findEventsNaming(ws, 'p1', []))).toEqual([]);
      await tx((t) => t.moveEvents([`${ws}|b`], 'p2'));
      expect([...(await tx((t) => t.findEvents([`${ws}|a`, `${ws}|b`]))).values()].map(({ eventId, profileId }) => [eventId, profileId]).sort()).toEqual([[`${ws}|a`, 'p1'], [`${ws}|b`, 'p2']]);
      const disclosed = row.disclosure({ identifiers: [{ email: 'a@example.com' }, { email: 'b@example.com' }] });
      await tx((t) => t.addDisclosures([disclosed]));
      await tx((t) => t.removeDisclosed(disclosed, [{ email: 'b@example.com' }, { email: 'c@example.com' }]));
      expect((await tx((t) => t.findDisclosures(ws, [disclosed.profileId]))).map(({ identifiers }) => identifiers)).toEqual([[{ email: 'a@example.com' }]]);
      await tx((t) => t.insertDeliveries([row.delivery('d')]));
      await tx((t) => t.updateDeliveries([{ deliveryId: `${ws}|d`, state: 'pending', reason: null, attempt: 1, dueAt: 5, profileId: 'p9' }]));
      expect(await tx((t) => t.findDeliveries([`${ws}|d`]))).toMatchObject([{ profileId: 'p9', attempt: 1, dueAt: 5 }]);
      const sent = ['e', 'f', 'g'].map((name) => row.delivery(name, { profileId: name === 'g' ? 'p3' : 'p1', eventId: `${ws}|${name === 'f' ? 'a' : 'b'}`, state: 'delivered' }));
      await tx((t) => t.insertDeliveries(sent));
      await tx((t) => t.insertContacts(sent.map(({ deliveryId: contactId, profileId }) => ({ contactId, workspaceId: ws, profileId, channel: 'email', at: 9 }))));
      await tx((t) => t.moveDeliveries(ws, { from: 'p1', to: 'p2', eventIds: [`${ws}|b`] }));
      for (const moved of [await tx((t) => t.findDeliveries(sent.map(({ deliveryId }) => deliveryId))), await tx((t) => t.findContacts(ws, ['p1', 'p2', 'p3'], 0))]) expect(moved.map(({ profileId }) => profileId).sort()).toEqual(['p1', 'p2', 'p3']);
      expect((await tx((t) => t.findContacts(ws, ['p2'], 0))).map(({ contactId }) => contactId)).toEqual([`${ws}|e`]);
    });

    it('have erases, as long as the recipient was given nothing of them since', async () => {
      const erase = (name: string, over: object = {}) => row.delivery(name, { class: 'suppression', operation: 'erase', profileId: 'p1', createdAt: 10, state: 'delivered', ...over });
      const given = (name: string, over: object = {}) => row.delivery(name, { profileId: 'p1', createdAt: 20, state: 'delivered', ...over });
      await tx((t) => t.insertDeliveries([
        erase('sent'), erase('waits', { connectionId: 'ads', state: 'pending', profileId: 'p2' }), erase('again', { connectionId: 'shop' }), erase('another', { profileId: 'p3' }), erase('taken-out', { operation: 'removeMembers' }),
        given('before', { createdAt: 9 }), given('blocked', { state: 'blocked' }), given('to-another', { profileId: 'p3' }), given('to-the-shop', { connectionId: 'shop', profileId: 'p2' }),
      ]));
      expect((await tx((t) => t.findErases(ws, ['p1', 'p2']))).map(({ deliveryId }) => deliveryId).sort()).toEqual([`${ws}|sent`, `${ws}|waits`]);
      expect((await tx((t) => t.findErases(ws, ['p1', 'p2'], ['p1']))).map(({ deliveryId }) => deliveryId).sort()).toEqual([`${ws}|again`, `${ws}|sent`, `${ws}|waits`]);
      expect([await tx((t) => t.findErases(ws, [])), await tx((t) => t.findErases('elsewhere', ['p1']))]).toEqual([[], []]);
    });

    it('are found with what waits for them: with data of one destination or all, and with what takes them out for whatever cause', async () => {
      const removal = (name: string, over: object = {}) => row.delivery(name, { class: 'suppression', operation: 'removeMembers', profileId: 'p1', ...over });
      await tx((t) => t.insertDeliveries([
        row.delivery('data', { profileId: 'p1' }), row.delivery('to-ads', { profileId: 'p2', connectionId: 'ads' }), row.delivery('gone', { profileId: 'p1', state: 'delivered' }), row.delivery('anothers', { profileId: 'p3' }),
        removal('left', { cause: 'segment-left', reason: 'push-held', dueAt: 9e12 }), removal('withdrawn', { cause: 'consent-withdrawn', connectionId: 'ads', profileId: 'p2' }), removal('done', { state: 'delivered' }), removal('out', { profileId: 'p3' }),
      ]));
      const names = (rows: { deliveryId: string }[]): string[] => rows.map(({ deliveryId }) => deliveryId.slice(ws.length + 1)).sort();
      expect([names(await tx((t) => t.findPendingData(ws, ['p1', 'p2']))), names(await tx((t) => t.findPendingData(ws, ['p1', 'p2'], 'ads')))]).toEqual([['data', 'to-ads'], ['to-ads']]);
      expect(names(await tx((t) => t.findPendingRemovals(ws, ['p1', 'p2'])))).toEqual(['left', 'withdrawn']);
      expect(await tx(async (t) => [await t.findPendingRemovals(ws, []), await t.findPendingRemovals('elsewhere', ['p1']), await t.findPendingData('elsewhere', ['p1'])])).toEqual([[], [], []]);
    });

    it('are found at their root over merges of merges', async () => {
      const merge = (winner: string, loser: string) => ({ mergeId: `${ws}|${winner}-${loser}`, workspaceId: ws, winner, loser, at: 1, causeEventId: null, before: { winner: row.profile(winner), loser: row.profile(loser) } });
      await tx((t) => t.writeProfiles(inserted('p1', 'p2', 'p3', 'p4')));
      await tx(async (t) => {
        await t.insertMerges([merge('p2', 'p1'), merge('p3', 'p2')]);
        await t.writeProfiles({ inserted: [], updated: [], deleted: [{ workspaceId: ws, profileId: 'p1' }, { workspaceId: ws, profileId: 'p2' }] });
      });
      await tx(async (t) => {
        await t.insertMerges([merge('p4', 'p3')]);
        await t.writeProfiles({ inserted: [], updated: [], deleted: [{ workspaceId: ws, profileId: 'p3' }] });
      });
      const found = await tx((t) => t.findProfiles(ws, ['p1', 'p2', 'p3', 'p4', 'p9']));
      expect([...found].map(([id, { profileId }]) => [id, profileId]).sort()).toEqual([['p1', 'p4'], ['p2', 'p4'], ['p3', 'p4'], ['p4', 'p4']]);
      expect(await tx((t) => t.findProfileIds(ws, null, 10))).toEqual(['p4']);
    });

    it('have what lost beside what won, and give both back as they were', async () => {
      const field = (value: string | null, source: string) => ({ value, at: 1, source, origin: 'm', version: 1 });
      const said = { fields: { city: field('Suzhou', 'crm') }, candidates: { city: [field('Hangzhou', 'web'), field(null, 'till')], 'custom%2Esize': [field('42', 'web')] } };
      await tx((t) => t.writeProfiles({ inserted: [{ profile: row.profile('p1', said), dueAt: null }], updated: [], deleted: [] }));
      const read = async () => (await tx((t) => t.findProfiles(ws, ['p1']))).get('p1');
      expect(await read()).toEqual(row.profile('p1', said));
      await tx((t) => t.writeProfiles({ inserted: [], updated: [{ profile: row.profile('p1', { fields: said.fields, version: 2 }), dueAt: null }], deleted: [] }));
      expect((await read())?.candidates).toBeUndefined();
    });

    it('have held links by their ids, each once, whoever writes it first', async () => {
      const [link, other] = [row.identityLink('l1'), row.identityLink('l2')];
      const met = meeting(2);
      let runs = 0;
      await Promise.all([1, 2].map(() => tx(async (t) => {
        runs += 1;
        const asked = await t.findIdentityLinks([link.linkId]);
        await met();
        if (!asked.has(link.linkId)) await t.writeIdentityLinks([link, other]);
      })));
      expect(runs).toBe(3);
      await tx((t) => t.writeIdentityLinks([{ ...link, state: 'rejected', decidedAt: 2 }]));
      expect(await tx((t) => t.findIdentityLinks([link.linkId, other.linkId, `${ws}|none`]))).toEqual(new Map([[link.linkId, { ...link, state: 'rejected', decidedAt: 2 }], [other.linkId, other]]));
      const links = [{ ...link, state: 'rejected', decidedAt: 2 }, other];
      const linksOf = async (keys: string[], limit = 10) => (await tx((t) => t.findIdentityLinksOf(ws, keys, limit))).sort((one, two) => (one.linkId < two.linkId ? -1 : 1));
      expect([await linksOf(['userId|l1']), await linksOf(['phone|+12025550123']), (await linksOf(['phone|+12025550123'], 1)).length, await linksOf(['userId|l3']), await linksOf([])]).toEqual([[links[0]], links, 1, [], []]);
      await expect(tx((t) => t.writeIdentityLinks([{ ...link, linkId: 'elsewhere|l1' }]))).rejects.toMatchObject({ code: 'INTERNAL' });
    });

    it('have suggestions, and outdate those of some profiles that are in some states', async () => {
      const [open, accepted, rejected] = [row.matchSuggestion('m1'), row.matchSuggestion('m2', { state: 'accepted', decidedAt: 2 }), row.matchSuggestion('m3', { state: 'rejected', decidedAt: 2 })];
      await tx(async (t) => {
        for (const suggestion of [open, accepted, rejected]) await t.writeMatch(suggestion);
      });
      await tx((t) => t.outdateMatches(ws, ['m1-2', 'm3'], { states: ['open'], at: 5 }));
      await tx((t) => t.outdateMatches(ws, ['m2'], { states: ['accepted'], at: 6, wasUndone: true }));
      await tx((t) => t.outdateMatches('elsewhere', ['m3'], { states: ['rejected'], at: 7 }));
      expect(await tx((t) => Promise.all(['m1', 'm2', 'm3', 'none'].map((name) => t.findMatch(`${ws}|${name}`))))).toEqual([
        { ...open, state: 'outdated', decidedAt: 5 }, { ...accepted, state: 'outdated', decidedAt: 6, wasUndone: true }, rejected, undefined,
      ]);
      await expect(tx((t) => t.writeMatch({ ...open, suggestionId: 'elsewhere|m1' }))).rejects.toMatchObject({ code: 'INTERNAL' });
    });
  });

  describe('runs and consents', () => {
    it('takes due runs once, and answers the call that is awaited once', async () => {
      const wait = { since: 1, until: 5_000, call: { deliveryId: 'acme|d' } };
      await tx((t) => t.insertRuns([row.run('due'), row.run('asks', { dueAt: 5_000, wait })]));
      await tx((t) => t.answerRuns([{ workspaceId: ws, runId: 'acme|asks', deliveryId: 'acme|d', result: { ok: false, reason: 'r' } }], 2_000));
      await tx((t) => t.answerRuns([{ workspaceId: ws, runId: 'acme|asks', deliveryId: 'acme|d', result: { ok: true, answer: '{}' } }], 2_500));
      expect((await store.findDueRuns(2_000, 10)).map(({ runId }) => runId)).toEqual(['acme|due', 'acme|asks']);
      expect((await tx((t) => t.takeRuns(['acme|due', 'acme|asks'], 1_500))).map(({ runId }) => runId)).toEqual(['acme|due']);
      expect((await tx((t) => t.findRuns(['acme|asks', 'acme|due'])))).toMatchObject([{ dueAt: 2_000, wait: { call: { result: { ok: false } } } }]);
    });

    it('keeps the ledger by identity, and what waits for its chain until it is taken', async () => {
      const seal = { version: 1, nonce: 'n', identity: 'i', hash: 'h' };
      await tx((t) => t.insertConsentRecords([row.consent('r1', { seal }), row.consent('r2', { identityKey: 'email|other' })]));
      expect((await tx((t) => t.findConsentRecords(ws, ['email|ana@example.com']))).map(({ recordId }) => recordId)).toEqual(['r1']);
      expect(await store.findUnsealedWorkspaces()).toEqual([ws]);
      expect(await tx((t) => t.takeUnsealed(ws))).toEqual([{ recordId: 'r1', hash: 'h' }]);
      expect(await store.findUnsealedWorkspaces()).toEqual([]);
    });
  });

  describe('changes for those who follow them', () => {
    const block = (name: string, count: number) => ({ blockId: `${ws}|${name}`, workspaceId: ws, at: 1, keptUntil: 9e12, changes: Array.from({ length: count }, (_, index) => ({ profileId: `p${index}`, version: 1, kind: 'membership' as const, segmentId: 's', isMember: true })) });

    it('are numbered once, in the order in which they were written, whatever commits first', async () => {
      let isWritten = (): void => undefined;
      const wasWritten = new Promise<void>((resolve) => { isWritten = resolve; });
      let isSecondDone = (): void => undefined;
      const secondDone = new Promise<void>((resolve) => { isSecondDone = resolve; });
      const first = tx(async (t) => {
        await t.insertChangeBlock(block('b', 2));
        isWritten();
        await secondDone;
      });
      await wasWritten;
      await tx((t) => t.insertChangeBlock(block('a', 1)));
      isSecondDone();
      await first;
      expect([await store.hasOpenChanges(ws), await store.hasOpenChanges('other')]).toEqual([true, false]);
      const open = await tx((t) => t.findOpenChanges(ws, 10));
      expect(open).toEqual([{ blockId: `${ws}|b`, count: 2 }, { blockId: `${ws}|a`, count: 1 }]);
      await tx((t) => t.numberChanges(ws, open.slice(0, 1)));
      await tx(async (t) => t.numberChanges(ws, await t.findOpenChanges(ws, 10)));
      expect([await tx((t) => t.findOpenChanges(ws, 10)), await store.hasOpenChanges(ws)]).toEqual([[], false]);
    });
  });

  describe('what systems hold', () => {
    const stopped = (ruleId: string) => ({ held: null, turns: [], stopped: { since: 1, ruleId, between: ['crm', 'shop'] as [string, string], digests: ['a', 'b'] as [string, string] } });
    const copy = (connectionId: string, profileId: string, fields = {}) => ({ workspaceId: ws, connectionId, profileId, names: ['n'], fields });

    it('is found by person and connection, and replaced whole', async () => {
      await tx((t) => t.writeSyncStates([copy('crm', 'p1', { city: { held: 'x', turns: [] } }), copy('shop', 'p1'), copy('crm', 'p2')]));
      await tx((t) => t.writeSyncStates([{ ...copy('crm', 'p1'), gone: { saidAt: 1, at: 2, names: ['m'] }, namedAt: 4, forgottenAt: 5 }]));
      expect(await tx((t) => t.findSyncStates(ws, ['p1', 'none'], ['crm']))).toEqual([{ ...copy('crm', 'p1'), gone: { saidAt: 1, at: 2, names: ['m'] }, namedAt: 4, forgottenAt: 5 }]);
      expect(await tx((t) => t.findSyncStates('other', ['p1'], ['crm']))).toEqual([]);
      expect(await tx((t) => t.findSyncStates(ws, ['p1'], ['crm', 'shop']))).toHaveLength(2);
    });

    it('is stopped by field, in pages, until it is released', async () => {
      await tx((t) => t.writeSyncStates([copy('crm', 'p1', { 'custom%2Efood': stopped('r1'), city: stopped('r2') }), copy('crm', 'p2', { city: stopped('r2') }), copy('crm', 'p3', { city: { held: 'x', turns: [] } })]));
      const one = { connectionId: 'crm', profileId: 'p1', since: 1, between: ['crm', 'shop'] };
      expect(await store.syncs.stopped(ws, 'r1')).toEqual({ stopped: [{ ...one, field: 'custom.food', ruleId: 'r1' }], next: null });
      const first = await store.syncs.stopped(ws, undefined, null, 1);
      expect(first.stopped).toHaveLength(2);
      expect(await store.syncs.stopped(ws, undefined, first.next)).toEqual({ stopped: [{ ...one, profileId: 'p2', field: 'city', ruleId: 'r2' }], next: null });
      expect(await store.syncs.stopped('other')).toEqual({ stopped: [], next: null });
      expect([await store.syncs.release(ws, 'crm', 'p1', 'custom.food'), await store.syncs.release(ws, 'crm', 'p1', 'custom.food'), await store.syncs.release(ws, 'crm', 'p9', 'city')]).toEqual([true, false, false]);
      expect((await store.syncs.stopped(ws)).stopped.map(({ profileId, field }) => `${profileId} ${field}`)).toEqual(['p1 city', 'p2 city']);
      await store.syncs.release(ws, 'crm', 'p2', 'city');
      expect(await tx((t) => t.findSyncStates(ws, ['p2'], ['crm']))).toEqual([copy('crm', 'p2', { city: { held: null, turns: [] } })]);
    });

    it('is counted by rule, field and the two systems where it is stopped, and noted as told, what comes later not', async () => {
      await tx((t) => t.writeSyncStates([copy('crm', 'p1', { 'custom%2Efood': stopped('r1'), city: stopped('r2') }), copy('crm', 'p2', { city: stopped('r2') }), copy('shop', 'p2', { city: stopped('r3') })]));
      const group = { connectionId: 'crm', between: ['crm', 'shop'] as [string, string], toldAt: null };
      const [city, food, other] = [{ ...group, ruleId: 'r2', field: 'city', people: 2, untold: 2 }, { ...group, ruleId: 'r1', field: 'custom.food', people: 1, untold: 1 }, { ...group, ruleId: 'r3', connectionId: 'shop', field: 'city', people: 1, untold: 1 }];
      expect(await store.syncs.countStopped(ws)).toEqual([city, food, other]);
      expect([await store.syncs.countStopped(ws, { ruleId: 'r2' }), await store.syncs.countStopped(ws, { connectionId: 'shop' }), await store.syncs.countStopped('other')]).toEqual([[city], [other], []]);
      await store.syncs.markTold(ws, [city], 50);
      await tx((t) => t.writeSyncStates([copy('crm', 'p3', { city: stopped('r2') }), copy('crm', 'p4', { city: { held: 'x', turns: [] } })]));
      await store.syncs.markTold(ws, [food], 60);
      expect(await store.syncs.countStopped(ws, { connectionId: 'crm' })).toEqual([{ ...city, people: 3, untold: 1, toldAt: 50 }, { ...food, untold: 0, toldAt: 60 }]);
      await store.syncs.markTold(ws, [city], 70);
      const [first] = await tx((t) => t.findSyncStates(ws, ['p1'], ['crm']));
      expect([first?.fields.city?.stopped?.toldAt, (await store.syncs.countStopped(ws, { ruleId: 'r2' }))[0]]).toEqual([50, { ...city, people: 3, untold: 0, toldAt: 70 }]);
    });
  });
});
