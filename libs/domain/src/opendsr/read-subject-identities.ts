import type { Identity } from '../canonical/canonical-record.js';
import { FirsthandError, type ErrorPlace } from '../errors/index.js';
import { identityKey } from '../identity/identity-key.js';
import { NAMESPACES } from '../identity/namespaces.js';
import type { CustomerIdNamespace } from './opendsr-settings.js';

/** How a machine names a person: OpenDSR 2.0, section 5.3. */
export interface SubjectIdentity {
  identity_type: string;
  identity_value: string;
  identity_format: string;
}

/** The identity types of OpenDSR 2.0 (section 5.1) that somebody can be found by here, with the namespace of each; `controller_customer_id` is the workspace's to say. */
const NAMESPACE_OF: Readonly<Record<string, string>> = {
  email: 'email', android_advertising_id: 'gaid', ios_advertising_id: 'idfa', android_id: 'deviceId', ios_vendor_id: 'deviceId',
};
const CUSTOMER_ID = 'controller_customer_id';

/** The only format that somebody can be found by: identities are kept as they are spelled, and no digest of them. */
const RAW = 'raw';

/** What a processor says of itself at `/discovery`. */
export const SUPPORTED_IDENTITIES: readonly { identity_type: string; identity_format: string }[] = [CUSTOMER_ID, ...Object.keys(NAMESPACE_OF)].map((identity_type) => ({ identity_type, identity_format: RAW }));

/**
 * The identities that a machine names, as they are stored, each once. What nobody can be found by is refused as a whole: a request that was completed on half of what it named would look answered.
 *
 * @param subject.standard of `subject_identities`
 * @param subject.own of our own extension, by our own namespaces
 * @throws FirsthandError `IDENTITY_UNSUPPORTED`, with a place for each: a type or format that is not matched here, or a value that names nobody; no value is repeated
 * @example readSubjectIdentities({ standard: [{ identity_type: 'email', identity_value: 'Ana@Example.com', identity_format: 'raw' }], own: [] }, 'userId') // [{ namespace: 'email', value: 'ana@example.com' }]
 */
export function readSubjectIdentities({ standard, own }: { standard: readonly SubjectIdentity[]; own: readonly SubjectIdentity[] }, customerId: CustomerIdNamespace): Identity[] {
  const faults: ErrorPlace[] = [];
  const found = new Map<string, Identity>();
  const read = (identity: SubjectIdentity, namespace: string | undefined, place: string): void => {
    const result = readOne(identity, namespace, place);
    if ('message' in result) faults.push(result);
    else found.set(identityKey(result), result);
  };
  standard.forEach((identity, index) => read(identity, identity.identity_type === CUSTOMER_ID ? customerId : Object.hasOwn(NAMESPACE_OF, identity.identity_type) ? NAMESPACE_OF[identity.identity_type] : undefined, `/subject_identities/${index}`));
  own.forEach((identity, index) => read(identity, NAMESPACES.has(identity.identity_type) ? identity.identity_type : undefined, `/extensions/identities/${index}`));
  if (faults.length > 0) throw new FirsthandError('IDENTITY_UNSUPPORTED', undefined, faults);
  return [...found.values()];
}

function readOne({ identity_format, identity_value }: SubjectIdentity, namespace: string | undefined, place: string): Identity | ErrorPlace {
  if (namespace === undefined) return { path: `${place}/identity_type`, message: 'nobody is known by this type here' };
  if (identity_format !== RAW) return { path: `${place}/identity_format`, message: `${namespace} is not kept as a digest: send it as ${RAW}` };
  const value = NAMESPACES.get(namespace)?.normalise(identity_value, {}) ?? null;
  return value === null ? { path: `${place}/identity_value`, message: `names nobody as ${namespace}` } : { namespace, value };
}
