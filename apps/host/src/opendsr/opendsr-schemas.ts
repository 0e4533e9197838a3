import { OPENDSR_STATUSES, REGIMES, REQUEST_STATUSES, SUBJECT_REQUEST_TYPES } from '@firsthand/domain';
import { EXPORT_FORMATS } from '@firsthand/pipeline';
import { z } from 'zod';

/** The version that is spoken here. */
export const OPENDSR_VERSION = '2.0';

const time = z.iso.datetime({ offset: true });
const identity = z.strictObject({ identity_type: z.string().min(1).max(100), identity_value: z.string().min(1).max(256), identity_format: z.string().min(1).max(20) });
const subjectRequestId = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, { error: 'must be a UUID v4 in lower case' });

/** What a machine hands in: OpenDSR 2.0, section 7.1. */
export const subjectRequestSchema = z.strictObject({
  regulation: z.enum(REGIMES).meta({ description: 'The law that the request is made under; `pipl` goes beyond the standard.' }),
  subject_request_id: subjectRequestId,
  subject_request_type: z.enum(SUBJECT_REQUEST_TYPES),
  submitted_time: time.meta({ description: 'When the person asked the controller: the time to answer begins with it.' }),
  subject_identities: z.array(identity).max(50).default([]).meta({ description: 'All of one person; types and formats as at /discovery.' }),
  api_version: z.literal(OPENDSR_VERSION).optional(),
  status_callback_urls: z.array(z.string().min(1).max(2_048)).max(10).default([]).meta({ description: 'Told of each change of status, over https.' }),
  extensions: z.record(z.string().min(1).max(253), z.json()).default({}).meta({ description: 'By domain. Ours may hold `identities` whose `identity_type` is a namespace of ours, e.g. `phone`; those of others are left alone.' }),
}).meta({ id: 'OpenDsrRequest', examples: [{
  regulation: 'gdpr', subject_request_id: 'a7551968-d5d6-44b2-9831-815ac9017798', subject_request_type: 'erasure', submitted_time: '2026-11-24T08:00:00Z',
  subject_identities: [{ identity_type: 'email', identity_value: 'ana@example.com', identity_format: 'raw' }], api_version: '2.0', status_callback_urls: ['https://controller.example/opendsr/callbacks'],
}] });
export type SubjectRequestBody = z.infer<typeof subjectRequestSchema>;

/** Our own extension of a request. */
export const ownExtensionSchema = z.strictObject({ identities: z.array(z.strictObject({ ...identity.shape, identity_format: identity.shape.identity_format.default('raw') })).max(50).default([]) });

/** Section 7.3. */
export const receiptSchema = z.object({
  controller_id: z.string(), expected_completion_time: time, received_time: time, encoded_request: z.string().meta({ description: 'The body as it came, in base64. Keep it out of logs.' }), subject_request_id: z.string(), api_version: z.string(),
}).meta({ id: 'OpenDsrReceipt' });
export type OpenDsrReceipt = z.infer<typeof receiptSchema>;

const ownStatus = z.object({
  status: z.enum(REQUEST_STATUSES), refusal: z.string().nullable().meta({ description: 'Why it was refused: the standard has no status for that, and calls it cancelled.' }),
  callbacks_missed: z.int().meta({ description: 'How many changes an address took for a day not, and will not be told of any more.' }),
});

/** Section 8.3. */
export const statusSchema = z.object({
  controller_id: z.string(), expected_completion_time: time, subject_request_id: z.string(), request_status: z.enum(OPENDSR_STATUSES), api_version: z.string(),
  results_url: z.string().nullable().meta({ description: 'Of access and portability: where the same key fetches the file, once, within 7 days.' }),
  results_count: z.int().nullable().meta({ description: 'Of access and portability: the files; of erasure: the rows that were removed. 0: nobody was known by these identities.' }),
  extensions: z.record(z.string(), ownStatus),
}).meta({ id: 'OpenDsrStatus' });
export type OpenDsrStatusBody = z.infer<typeof statusSchema>;

/** Section 9.2. */
export const cancellationSchema = z.object({ controller_id: z.string(), subject_request_id: z.string(), received_time: time, api_version: z.string() }).meta({ id: 'OpenDsrCancellation' });
export type OpenDsrCancellation = z.infer<typeof cancellationSchema>;

/** Section 6.3. */
export const discoverySchema = z.object({
  api_version: z.string(), supported_identities: z.array(z.object({ identity_type: z.string(), identity_format: z.string() })), supported_subject_request_types: z.array(z.enum(SUBJECT_REQUEST_TYPES)),
  processor_certificate: z.string().nullable().meta({ description: 'Where the X.509 certificate is; null where the operator has none, and the key at `jwks_url` verifies.' }),
  extensions: z.record(z.string(), z.object({ signature_algorithm: z.enum(['RSA-SHA256', 'ECDSA-SHA256', 'Ed25519']), jwks_url: z.string().nullable(), supported_identities: z.array(z.string()).meta({ description: 'The types that `extensions` of a request may name.' }) })),
}).meta({ id: 'OpenDsrDiscovery' });
export type OpenDsrDiscovery = z.infer<typeof discoverySchema>;

export const resultsQuerySchema = z.object({ format: z.enum(EXPORT_FORMATS).default('json') });
export type ResultsQuery = z.infer<typeof resultsQuerySchema>;
