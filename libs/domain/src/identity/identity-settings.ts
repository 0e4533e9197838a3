import { z } from 'zod';
import { MAILBOX_PROVIDERS } from './mailbox.js';
import { NAMESPACES } from './namespaces.js';
import { normalisePhone } from './normalise-phone.js';

const everyNamespace = z.enum([...NAMESPACES.keys()] as [string, ...string[]]);

/** Namespaces whose ids somebody else gives out, and may give out twice: another CRM, another loyalty programme, another platform account. */
export const SCOPED_NAMESPACES = ['userId', 'memberNo', 'crmId', 'customerId', 'unionid'] as const;

const namespaceSettingsSchema = z.strictObject({
  namespace: everyNamespace,
  rank: z.int().min(1).max(1_000).optional().describe('Lower is stronger: the strongest identity of a record names the person, and is taken first where not all links fit.'),
  isShared: z.boolean().optional().describe('That people share it, as they do a device: it stays with whom it came to first, and never makes one of two known people.'),
  maxPerProfile: z.int().min(1).max(1_000).nullable().optional().describe('How many a person may come to have by themselves; what goes beyond waits for review. Null: any number.'),
  blockedValues: z.array(z.string().min(1).max(256)).max(1_000).default([]).describe('Values that name nobody: the number of a store, an address of your own for tests.'),
});

const scopeSchema = z.strictObject({
  namespace: z.enum(SCOPED_NAMESPACES),
  scope: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'must be 1 to 40 small letters, digits or -' }).describe('What stands before each id, and a colon: `eu:4711`.'),
  connectionIds: z.array(z.string().min(1).max(200)).min(1).max(200).describe('Sources whose ids these are. Ids of all others are in one space, without a name.'),
});

const DEFAULT_BREAKER = { maxIdentities: 1_000, maxMerges: 25, withinHours: 24 };
const breakerSchema = z.strictObject({
  maxIdentities: z.int().min(2).max(10_000).default(DEFAULT_BREAKER.maxIdentities).describe('Of one person, devices with them.'),
  maxMerges: z.int().min(1).max(1_000).default(DEFAULT_BREAKER.maxMerges).describe('How many others may become one with a person by themselves within the hours below.'),
  withinHours: z.int().min(1).max(24 * 30).default(DEFAULT_BREAKER.withinHours),
});

const matchingSchema = z.strictObject({
  purpose: z.string().min(1).max(64).describe('Key of the purpose that comparing people serves: who has refused it, or not agreed where it needs a consent, is not compared, and fields that it does not cover are not read.'),
  atLeast: z.number().min(0.5).max(0.999).default(0.9).describe('How likely two profiles have to be one person’s to be suggested.'),
  everyHours: z.int().min(1).max(24 * 30).default(24).describe('How long after a run the next one begins.'),
});

/** The Zod schema of {@link IdentitySettings}. */
export const identitySettingsSchema = z.strictObject({
  namespaces: z.array(namespaceSettingsSchema).max(NAMESPACES.size).default([]).describe('What is other than built in.'),
  scopes: z.array(scopeSchema).max(100).default([]),
  mailboxRules: z.array(z.enum(MAILBOX_PROVIDERS)).max(MAILBOX_PROVIDERS.length).default([]).describe('Providers at which several spellings of an address are one mailbox. Only matched by: what is sent is the address as it came.'),
  breaker: breakerSchema.default(DEFAULT_BREAKER),
  matching: matchingSchema.nullable().default(null).describe('Looks for profiles that may be one person’s, and suggests them. Null: off.'),
});

/** How a workspace tells people apart, where it is not as built in. */
export type IdentitySettings = z.infer<typeof identitySettingsSchema>;

/** All as built in. */
export const DEFAULT_IDENTITY_SETTINGS: IdentitySettings = identitySettingsSchema.parse({});

/** A place in settings that cannot hold, as a JSON pointer, and why. */
export interface IdentitySettingsProblem {
  path: string;
  message: string;
}

/**
 * What is wrong with settings that fit their schema: a namespace or a connection named twice, a limit on what people leave behind by the hundred, a blocked value that is none.
 *
 * @example identitySettingsProblems({ ...DEFAULT_IDENTITY_SETTINGS, namespaces: [{ namespace: 'deviceId', maxPerProfile: 1, blockedValues: [] }] })[0]?.path // '/namespaces/0/maxPerProfile'
 */
export function identitySettingsProblems({ namespaces, scopes }: IdentitySettings): IdentitySettingsProblem[] {
  const problems: IdentitySettingsProblem[] = [];
  const seen = new Set<string>();
  namespaces.forEach((own, index) => {
    const at = `/namespaces/${index}`;
    const builtIn = NAMESPACES.get(own.namespace);
    if (seen.has(own.namespace)) problems.push({ path: `${at}/namespace`, message: 'is named twice' });
    seen.add(own.namespace);
    if (builtIn?.isDevice === true && own.isShared === false) problems.push({ path: `${at}/isShared`, message: 'is a device: people share them' });
    if (typeof own.maxPerProfile === 'number' && (builtIn?.isDevice === true || own.isShared === true)) problems.push({ path: `${at}/maxPerProfile`, message: 'is for identities that are a person’s own' });
    own.blockedValues.forEach((value, place) => {
      if (own.namespace === 'phone' && normalisePhone(value) === null) problems.push({ path: `${at}/blockedValues/${place}`, message: 'is no phone number with its country, such as +8613800001111' });
    });
    if (builtIn?.isDevice === true && own.rank !== undefined) problems.push({ path: `${at}/rank`, message: 'is of a device: they come after everything that is a person’s own' });
  });
  const given = new Set<string>();
  scopes.forEach(({ namespace, connectionIds }, index) => connectionIds.forEach((connectionId, place) => {
    const key = `${namespace} ${connectionId}`;
    if (given.has(key)) problems.push({ path: `/scopes/${index}/connectionIds/${place}`, message: `has a scope of ${namespace} already` });
    given.add(key);
  }));
  return problems;
}
