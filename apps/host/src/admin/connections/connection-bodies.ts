import { consentSignalSchema } from '@firsthand/domain';
import { WITHOUT_BASIS } from '@firsthand/pipeline';
import { z } from 'zod';
import { keySchema } from '../http/id-schema.js';

const name = z.string().min(1).max(200);
const country = z.string().regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166-1 alpha-2 country' });
const settings = z.record(z.string(), z.unknown()).meta({ description: 'As the plugin’s settingsSchema says. A secret that is left out, or sent back masked, stays as it is.' });
const reference = z.string().min(1).max(200);
const system = keySchema.nullable().optional().meta({ description: 'A name for the outside account, where several connections are of the same: what one of them says and what another is told is of one copy. Null: its own.' });

const sourceFields = {
  provenance: z.strictObject({ collection: z.enum(['first-party', 'third-party']), statement: z.string().min(1).max(2_000) }).nullable().meta({ description: 'How the data was collected.' }),
  agreementId: reference.nullable().meta({ description: 'The agreement that customers accepted there.' }),
  collectionPurpose: keySchema.nullable().meta({ description: 'The purpose that collection itself stands on when its basis is consent.' }),
  withoutBasis: z.enum(WITHOUT_BASIS).meta({ description: 'What becomes of an event whose person has not consented to that purpose: `refuse` keeps nothing; `strip` keeps what other purposes of the agreement cover that may be used; `anonymous` keeps what happened, to the hour, as nobody’s, with the fields of class `none` only.' }),
  consentCategories: z.record(z.string().min(1).max(100), keySchema).meta({ description: 'Category of a consent tool to purpose key.' }),
  consentSignals: z.array(consentSignalSchema).max(100).meta({ description: 'What signals along with an event (GPC, IAB TCF and GPP, Google Consent Mode) decide on. What no row names is passed over.' }),
  unknownEvents: z.enum(['accept', 'quarantine']).meta({ description: 'For connections without a tracking plan: what becomes of events that the plugin does not declare.' }),
  trackingPlan: reference.nullable().meta({ description: 'The published tracking plan that its events are judged by.' }),
  defaultCountry: country.nullable().meta({ description: 'The country that national phone numbers are read in.' }),
  profilePurpose: keySchema.nullable().meta({ description: 'The purpose under which the channel reads who is signed in, by `GET /v1/me`: traits that it covers, and segments that were made for it. Null: nothing but what they have decided.' }),
};
const destinationFields = {
  recipient: z.enum(['own', 'processor', 'third-party']).meta({ description: 'Who receives: the brand itself, its processor, or a third party with purposes of its own.' }),
  country: country.nullable(),
  concurrency: z.int().min(1).max(50).meta({ description: 'Requests at once.' }),
  batchSize: z.int().min(1).max(1_000).nullable().meta({ description: 'Deliveries in one request at the most, where the destination takes several. Null: as many as it takes.' }),
  rateLimit: z.strictObject({ perSecond: z.number().min(0.01).max(10_000), burst: z.int().min(1).max(10_000) }).nullable()
    .meta({ description: 'Requests per second on average, and how many may go at once after a quiet time; over all processes. Null: none.' }),
  headOfLine: z.enum(['block', 'replace'])
    .meta({ description: 'Behind a delivery that waits for another try: `block` keeps the order; `replace` lets newer state of the same person, action and flow step take its place. Events are never replaced.' }),
};

/** A new connection of any kind; what a kind does not have is refused. */
export const newConnectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('source'), id: keySchema.optional(), name, pluginId: reference, capability: reference, settings: settings.optional(), system, ...z.object(sourceFields).partial().shape }),
  z.strictObject({ kind: z.literal('destination'), id: keySchema.optional(), name, pluginId: reference, settings: settings.optional(), system, ...z.object(destinationFields).partial().shape }),
  z.strictObject({ kind: z.literal('both'), id: keySchema.optional(), name, pluginId: reference, capability: reference, settings: settings.optional(), system, ...z.object({ ...sourceFields, ...destinationFields }).partial().shape }),
]).meta({
  id: 'NewConnection',
  examples: [{
    kind: 'source', id: 'online-shop', name: 'Online shop', pluginId: 'web', capability: 'events', settings: {},
    provenance: { collection: 'first-party', statement: 'Collected by our own shop after the visitor agreed.' }, agreementId: 'privacy-notice', collectionPurpose: null,
    consentCategories: { C0004: 'marketing' }, consentSignals: [{ signal: 'gpc', purpose: 'marketing', recipients: ['third-party'] }], defaultCountry: 'CN',
  }],
});
export type NewConnection = z.infer<typeof newConnectionSchema>;

/** A change of a connection; what is left out stays. */
export const connectionChangeSchema = z.strictObject({ name: name.optional(), settings: settings.optional(), system, ...z.object({ ...sourceFields, ...destinationFields }).partial().shape })
  .meta({ id: 'ConnectionChange', examples: [{ name: 'Online shop (China)', defaultCountry: 'CN' }] });
export type ConnectionChange = z.infer<typeof connectionChangeSchema>;

/** The names that only a source, and only a destination has. */
export const SOURCE_FIELDS: readonly string[] = Object.keys(sourceFields);
export const DESTINATION_FIELDS: readonly string[] = Object.keys(destinationFields);

export const newWriteKeySchema = z.strictObject({ kind: z.enum(['public', 'secret']), name: name.optional() })
  .meta({ id: 'NewWriteKey', examples: [{ kind: 'public', name: 'Browser' }] });
export type NewWriteKeyBody = z.infer<typeof newWriteKeySchema>;

export const newUserTokenKeySchema = z.strictObject({ name: name.optional() }).meta({ id: 'NewUserTokenKey', examples: [{ name: 'Shop server' }] });
export type NewUserTokenKeyBody = z.infer<typeof newUserTokenKeySchema>;
