import { z } from 'zod';

/** What OpenDSR 2.0 lets be asked for (section 6.2); each is a request kind of ours. */
export const SUBJECT_REQUEST_TYPES = ['access', 'portability', 'erasure'] as const;
export type SubjectRequestType = (typeof SUBJECT_REQUEST_TYPES)[number];

/** The namespaces in which a controller may hold its own ids of customers. */
export const CUSTOMER_ID_NAMESPACES = ['userId', 'memberNo', 'crmId', 'customerId'] as const;
export type CustomerIdNamespace = (typeof CUSTOMER_ID_NAMESPACES)[number];

/** How a workspace takes requests that machines hand in over OpenDSR. */
export const openDsrSettingsSchema = z.strictObject({
  startsAtOnce: z.array(z.enum(SUBJECT_REQUEST_TYPES)).max(SUBJECT_REQUEST_TYPES.length).meta({ description: 'The kinds whose work begins when a machine hands them in; the others wait until an officer starts them.' }),
  customerIdNamespace: z.enum(CUSTOMER_ID_NAMESPACES).meta({ description: 'What machines mean by `controller_customer_id`.' }),
});
export type OpenDsrSettings = z.infer<typeof openDsrSettingsSchema>;

/** What holds until somebody sets it: nothing begins without an officer. */
export const DEFAULT_OPENDSR_SETTINGS: OpenDsrSettings = { startsAtOnce: [], customerIdNamespace: 'userId' };
