import { createDictionary } from '../canonical/create-dictionary.js';
import { canonicalise } from '../canonical/canonicalise.js';
import { isBlockedValue } from './blocked-values.js';
import { identitiesIn } from './identities-in.js';
import { BUILT_IN_IDENTITY_RULES, compileIdentityRules } from './identity-rules.js';
import { DEFAULT_IDENTITY_SETTINGS, identitySettingsProblems, identitySettingsSchema } from './identity-settings.js';
import { mailboxesLeft, mailboxOf, MAILBOX_PROVIDERS } from './mailbox.js';
import { maskIdentity } from './mask-identity.js';
import { NAMESPACES } from './namespaces.js';
import { resolveIdentities } from './resolve-identities.js';

const settings = (given: object) => identitySettingsSchema.parse(given);
const rules = (given: object) => compileIdentityRules(settings(given));
const dictionary = createDictionary();
const read = (identities: Record<string, string | string[]>, given: object, connectionId = 'shop') => {
  const identityReader = rules(given).readerOf(connectionId);
  return canonicalise({ name: 'Order Completed', identities }, { dictionary, receivedAt: 1, defaultCountry: 'CN', derivedMessageId: 'm', ...(identityReader === undefined ? {} : { identityReader }) });
};
const email = (value: string) => ({ namespace: 'email', value });

describe('identity rules', () => {
  it('are the built-in ones where nothing is set', () => {
    for (const { name, rank, isDevice, maxPerProfile } of NAMESPACES.values()) {
      expect([BUILT_IN_IDENTITY_RULES.rankOf(name), BUILT_IN_IDENTITY_RULES.isShared(name), BUILT_IN_IDENTITY_RULES.limitOf(name)]).toEqual([rank, isDevice, maxPerProfile ?? Infinity]);
    }
    expect([BUILT_IN_IDENTITY_RULES.isShared('nobody knows'), BUILT_IN_IDENTITY_RULES.isShared('mailbox'), BUILT_IN_IDENTITY_RULES.readerOf('shop')]).toEqual([true, false, undefined]);
  });

  it('take the rank, the limit and what is shared from the settings', () => {
    const own = rules({ namespaces: [{ namespace: 'phone', rank: 5, maxPerProfile: null }, { namespace: 'email', isShared: true }, { namespace: 'memberNo', maxPerProfile: 1 }] });
    expect([own.rankOf('phone'), own.limitOf('phone'), own.isShared('email'), own.limitOf('email'), own.limitOf('memberNo'), own.rankOf('userId')]).toEqual([5, Infinity, true, Infinity, 1, 10]);
  });

  it('let a shared identity join nobody, and a rank name the person', () => {
    const stored = { known: new Map([['userId|u1', 'A'], ['email|e1', 'A'], ['userId|u2', 'B'], ['phone|p1', 'C']]), claims: new Set<string>(), profiles: new Map(['A', 'B', 'C'].map((id, createdAt) => [id, { createdAt, isKnown: true, isProven: true }])), newProfileId: () => 'N' };
    const identities = [{ namespace: 'userId', value: 'u2' }, email('e1')];
    expect(resolveIdentities({ ...stored, records: [{ identities, isVerified: true }] }).merges).toHaveLength(1);
    expect(resolveIdentities({ ...stored, records: [{ identities, isVerified: true }], rules: rules({ namespaces: [{ namespace: 'email', isShared: true }] }) })).toMatchObject({ assignment: ['B'], merges: [], refusedLinks: [{ identityKey: 'email|e1', reason: 'device-shared' }] });
    const claimed = [{ identities: [{ namespace: 'userId', value: 'u2' }, { namespace: 'phone', value: 'p1' }], isVerified: false }];
    expect(resolveIdentities({ ...stored, records: claimed }).assignment).toEqual(['B']);
    expect(resolveIdentities({ ...stored, records: claimed, rules: rules({ namespaces: [{ namespace: 'phone', rank: 1 }] }) }).assignment).toEqual(['C']);
  });

  it('refuse settings that cannot hold, with the place', () => {
    const wrong = settings({
      namespaces: [
        { namespace: 'deviceId', isShared: false, rank: 1, maxPerProfile: 2 }, { namespace: 'phone', blockedValues: ['13911112222'] }, { namespace: 'phone' }, { namespace: 'email', isShared: true, maxPerProfile: 2 },
      ],
      scopes: [{ namespace: 'crmId', scope: 'eu', connectionIds: ['crm'] }, { namespace: 'crmId', scope: 'us', connectionIds: ['crm'] }],
    });
    expect(identitySettingsProblems(wrong).map(({ path }) => path).sort()).toEqual([
      '/namespaces/0/isShared', '/namespaces/0/maxPerProfile', '/namespaces/0/rank', '/namespaces/1/blockedValues/0', '/namespaces/2/namespace', '/namespaces/3/maxPerProfile', '/scopes/1/connectionIds/0',
    ]);
    expect(identitySettingsProblems(DEFAULT_IDENTITY_SETTINGS)).toEqual([]);
    expect(() => settings({ namespaces: [{ namespace: 'mailbox' }] })).toThrow();
  });
});

describe('what a source names', () => {
  it('is dropped where the workspace has blocked it, in any spelling, and flagged', () => {
    const given = { namespaces: [{ namespace: 'phone', blockedValues: ['+86 139 1111 2222'] }, { namespace: 'memberNo', blockedValues: ['STAFF'] }] };
    expect(read({ phone: '13911112222', memberNo: ['STAFF', 'M1'] }, given).record).toMatchObject({ identities: [{ namespace: 'memberNo', value: 'M1' }], flags: ['identity-blocked:phone', 'identity-blocked:memberNo'] });
    expect(read({ phone: '13911112222' }, given)).toMatchObject({ error: { code: 'MISSING_IDENTITY' } });
  });

  it('stands in the scope of its source, and of no other', () => {
    const given = { scopes: [{ namespace: 'crmId', scope: 'eu', connectionIds: ['crm-eu'] }] };
    expect(read({ crmId: '4711', userId: '4711' }, given, 'crm-eu').record?.identities).toEqual([{ namespace: 'userId', value: '4711' }, { namespace: 'crmId', value: 'eu:4711' }]);
    expect(read({ crmId: '4711' }, given, 'crm-us').record?.identities).toEqual([{ namespace: 'crmId', value: '4711' }]);
    expect(identitiesIn({ crmId: '4711' }, {}, rules(given).readerOf('crm-eu')).has('crmId|eu:4711')).toBe(true);
  });

  it('is matched by its mailbox too where the rule of its provider is on, and stays as it was written', () => {
    expect(read({ email: 'A.na+Shop@Gmail.com' }, { mailboxRules: ['gmail'] }).record).toMatchObject({ identities: [email('a.na+shop@gmail.com'), { namespace: 'mailbox', value: 'ana@gmail.com' }] });
    expect(read({ email: 'a.na@gmail.com' }, { mailboxRules: ['icloud'] }).record?.identities).toHaveLength(1);
    expect(read({ mailbox: 'ana@gmail.com', email: 'x@gmail.com' }, {}).record).toMatchObject({ identities: [email('x@gmail.com')], flags: ['identity-dropped:unknown'] });
    expect(identitiesIn({ mail: 'a.na@gmail.com' }, {}, rules({ mailboxRules: ['gmail'] }).readerOf('shop')).has('mailbox|ana@gmail.com')).toBe(true);
  });
});

describe('mailboxes', () => {
  const all = new Set(MAILBOX_PROVIDERS);
  it.each([
    ['a.na@googlemail.com', 'ana@gmail.com'], ['ana+x+y@gmail.com', 'ana@gmail.com'], ['a.na+x@outlook.com', 'a.na@outlook.com'], ['ana@hotmail.com', 'ana@hotmail.com'], ['ana+x@me.com', 'ana@icloud.com'], ['ana@example.com', undefined], ['...@gmail.com', undefined],
  ])('%s leads to %s', (address, mailbox) => {
    expect(mailboxOf(email(address), all)?.value).toBe(mailbox);
  });

  it('go with the last address that leads to them', () => {
    expect(mailboxesLeft([email('a.na@gmail.com')], [email('ana@gmail.com')])).toEqual([]);
    expect(mailboxesLeft([email('a.na@gmail.com'), email('b@example.com')], [email('ben@gmail.com')])).toEqual([{ namespace: 'mailbox', value: 'ana@gmail.com' }]);
  });

  it('are masked as addresses are', () => {
    expect(maskIdentity({ namespace: 'mailbox', value: 'ana@gmail.com' })).toBe('a***@gmail.com');
  });
});

it('takes one digit eight times for nobody, and a short number for somebody', () => {
  expect([isBlockedValue('11111111'), isBlockedValue('9999999999'), isBlockedValue('111111'), isBlockedValue('11111112')]).toEqual([true, true, false, false]);
});
