import type { BodySigner } from '@firsthand/access';
import { FirsthandError, NAMESPACES, SUBJECT_REQUEST_TYPES, SUPPORTED_IDENTITIES } from '@firsthand/domain';
import { OPENDSR_VERSION, type OpenDsrDiscovery } from './opendsr-schemas.js';
import { OPENDSR_PATH } from './status-body.js';

/** What is offered here, and by what it is verified (OpenDSR 2.0, section 6). */
export function describeOpenDsr({ publicUrl, bodySigner: { domain, certificate, algorithm } }: { publicUrl: string; bodySigner: BodySigner }): OpenDsrDiscovery {
  return {
    api_version: OPENDSR_VERSION, supported_identities: [...SUPPORTED_IDENTITIES], supported_subject_request_types: [...SUBJECT_REQUEST_TYPES],
    processor_certificate: certificate === null ? null : `${publicUrl}/${OPENDSR_PATH}/certificate.pem`,
    extensions: { [domain]: { signature_algorithm: algorithm, jwks_url: certificate === null ? `${publicUrl}/.well-known/jwks.json` : null, supported_identities: [...NAMESPACES.keys()] } },
  };
}

/** The operator's certificate, PEM. @throws FirsthandError `NOT_FOUND` where there is none */
export function certificateOf({ certificate }: BodySigner): string {
  if (certificate === null) throw new FirsthandError('NOT_FOUND', 'The operator has set no certificate: GET /opendsr/v2/discovery says what verifies.');
  return certificate;
}
