/**
 * Every error code a caller can meet, in one table: HTTP status, a title, and the way out.
 * `docs/errors.md` lists the same codes; an architecture test holds the two equal.
 */
export const ERROR_TABLE = {
  // Requests
  MALFORMED_JSON: { status: 400, title: 'The body is not valid JSON', wayOut: 'Send one JSON object encoded as UTF-8.' },
  MALFORMED_ENCODING: { status: 400, title: 'The body could not be decompressed', wayOut: 'Send a valid gzip body, or none of the Content-Encoding header.' },
  INVALID_REQUEST: { status: 400, title: 'The request does not fit its schema', wayOut: 'Compare the request with the schema at /docs; `errors` names each place.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The content type is not taken here', wayOut: 'Send application/json; the tracking routes also take text/plain.' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The body is too large', wayOut: 'Keep one event under 32 KB and one batch under 500 KB.' },
  PAYLOAD_TOO_COMPLEX: { status: 400, title: 'The body is nested too deep or has too many keys', wayOut: 'Keep at most 32 levels and 2,000 keys in one event.' },
  UNAUTHENTICATED: { status: 401, title: 'No valid credentials', wayOut: 'Send a valid write key, bearer token or API key.' },
  SECOND_FACTOR_REQUIRED: { status: 401, title: 'The account has a second factor', wayOut: 'Send the code of your authenticator app, or a recovery code, as `code`.' },
  INVALID_SIGNATURE: { status: 401, title: 'The signature does not match', wayOut: 'Check the signing secret, the public URL and the clock of the sender.' },
  FORBIDDEN: { status: 403, title: 'Your role does not allow this', wayOut: 'Ask an owner of the workspace for a role that does.' },
  NOT_FOUND: { status: 404, title: 'There is no such thing here', wayOut: 'Check the id and the workspace.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The route does not take this method', wayOut: 'See /docs for the methods of the route.' },
  CONFLICT: { status: 409, title: 'The change conflicts with what is stored', wayOut: 'Read the resource again and repeat the change.' },
  VERSION_MISMATCH: { status: 412, title: 'The resource has changed since you read it', wayOut: 'Read it again and send its new version in If-Match.' },
  PRECONDITION_REQUIRED: { status: 428, title: 'An update needs If-Match', wayOut: 'Send the version you read in the If-Match header.' },
  CHANGES_NOT_KEPT: { status: 409, title: 'Changes of people are not kept here', wayOut: 'Have an owner or admin switch it on with PUT /admin/v1/change-settings; a moment later it begins.' },
  CHANGES_EXPIRED: { status: 410, title: 'Changes after this cursor are kept no longer', wayOut: 'Read the profiles that you hold a copy of again, and go on after the cursor that `errors` names as `/oldest`.' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request did not arrive in time', wayOut: 'Send it again; a record with the same messageId is not applied twice.' },
  RATE_LIMITED: { status: 429, title: 'Too many requests', wayOut: 'Wait as long as Retry-After says.' },
  INTERNAL: { status: 500, title: 'Something failed on our side', wayOut: 'Try again; if it persists, look for the request id in the log.' },
  UNAVAILABLE: { status: 503, title: 'The service cannot store this now', wayOut: 'Send it again after Retry-After; nothing was stored or some records may be sent twice safely with the same messageId.' },
  // Sources
  CONNECTION_DISABLED: { status: 403, title: 'The connection is a draft or is paused', wayOut: 'Name its agreement, state first-party collection, and enable it.' },
  PROVENANCE_MISSING: { status: 422, title: 'The source does not state how its data was collected', wayOut: 'Set provenance.collection and agreementId on the connection.' },
  PROVENANCE_THIRD_PARTY: { status: 403, title: 'Third-party data has no way in', wayOut: 'Only data that the brand itself collected from the customer, with their knowledge, can be sent.' },
  // Records that end in quarantine or are refused
  INVALID_RECORD: { status: 422, title: 'The record does not fit the canonical schema', wayOut: 'Repair the mapping or the record and release it from quarantine.' },
  UNKNOWN_EVENT_NAME: { status: 422, title: 'The event name is not known to this connection', wayOut: 'Add the event to the dictionary, or set unknownEvents to accept.' },
  MISSING_IDENTITY: { status: 422, title: 'The record names no valid identity', wayOut: 'Map at least one identity.' },
  RECORD_FAILED: { status: 422, title: 'The record could not be applied', wayOut: 'See the reason on the quarantined record.' },
  FETCH_FAILED: { status: 422, title: 'The vendor did not give the full record', wayOut: 'Check the connection and its credentials, then release the record from quarantine.' },
  TRACKING_PLAN_VIOLATED: { status: 422, title: 'The event does not fit its tracking plan', wayOut: 'Repair the mapping, the plan or the event, and release it from quarantine; `places` names each place.' },
  TRACKING_PLAN_FAILED: { status: 422, title: 'The tracking plan of the connection could not judge the event', wayOut: 'Publish the plan that the connection names, or name none, and release the event from quarantine.' },
  // Configuration
  INVALID_TRACKING_PLAN: { status: 422, title: 'The tracking plan is not valid', wayOut: '`errors` names each place: a name, a field, a schema, a pattern or an action.' },
  INVALID_MAPPING: { status: 422, title: 'The mapping does not compile', wayOut: '`errors` names the target and the place in its template.' },
  NAMING_CONVENTION: { status: 422, title: 'The name does not keep the naming convention', wayOut: '`errors` names each place, with a better name where there is one.' },
  DICTIONARY_BREAKING: { status: 409, title: 'The change breaks what is stored or reads it', wayOut: 'Say by `storedValues` what becomes of stored values: `convert`, `drop` or `keep`. Try it with `dryRun=true` first.' },
  INVALID_CONFIGURATION: { status: 422, title: 'A document of the configuration is refused, and so is the rest', wayOut: '`errors` names each document, the place in it and why; nothing was changed.' },
  MAPPING_TEST_FAILED: { status: 422, title: 'A test of the mapping fails', wayOut: '`errors` names each test and place with what was expected and what came: correct the mapping, or the test.' },
  INVALID_SEGMENT: { status: 422, title: 'The segment is not valid', wayOut: '`errors` names the place in the condition tree.' },
  LIST_TOO_LONG: { status: 413, title: 'The list is too long for one call', wayOut: 'Send it in parts: `replace` with the first, `add` with the others.' },
  INVALID_FLOW: { status: 422, title: 'The flow is not valid', wayOut: '`errors` names the step and what is missing.' },
  INVALID_SETTINGS: { status: 422, title: 'The settings do not fit the plugin', wayOut: '`errors` names each setting.' },
  INVALID_PLUGIN: { status: 422, title: 'The plugin cannot be loaded', wayOut: 'GET /admin/v1/plugins tells the reason.' },
  UNKNOWN_PLUGIN: { status: 422, title: 'No such plugin or capability is loaded', wayOut: 'GET /admin/v1/plugins lists what is loaded.' },
  SECRET_UNREADABLE: { status: 422, title: 'A stored secret cannot be decrypted', wayOut: 'Restore FIRSTHAND_SECRET_KEY, or enter the secrets of the named connections again.' },
  DESTINATION_ADDRESS_FORBIDDEN: { status: 422, title: 'The address is in a private range', wayOut: 'Use a public https address, or let the operator allow it.' },
  // Deliveries
  INVALID_PAYLOAD: { status: 422, title: 'The destination cannot take this payload', wayOut: 'Repair the mapping and replay the delivery.' },
  INVALID_CREDENTIALS: { status: 422, title: 'The destination refused the credentials', wayOut: 'Enter the credentials of the connection again and replay.' },
  INVALID_ANSWER: { status: 422, title: 'The answer to a call cannot be used', wayOut: 'Let the endpoint answer with a JSON object of at most 16 KB and 8 levels.' },
  DESTINATION_GONE: { status: 422, title: 'The destination is gone for good', wayOut: 'Correct the address, enable the connection again and replay.' },
  DESTINATION_RETRYABLE: { status: 503, title: 'The destination failed for now', wayOut: 'Nothing to do: the delivery is retried for 72 hours.' },
  DESTINATION_RATE_LIMITED: { status: 429, title: 'The destination asks to wait', wayOut: 'Nothing to do: the delivery is sent when the destination allows.' },
  // Consents
  PERSON_ERASED: { status: 409, title: 'The person was erased', wayOut: 'Where they have come back themself, lift the tombstone of this identity: POST /admin/v1/erasures/lift.' },
  RECORD_NOT_INTACT: { status: 409, title: 'The consent record is not what was sealed', wayOut: 'Somebody has changed it in the database: run npm run evidence:verify, and restore it from a backup.' },
  MERGE_NOT_UNDOABLE: { status: 409, title: 'The merge cannot be taken back', wayOut: 'Take a later merge back first, as `detail` says; one whose journal is not complete stays.' },
  LINK_DECIDED: { status: 409, title: 'The link was decided otherwise', wayOut: 'An accepted one is taken back like any merge; a rejected one by giving the identity to the person in a correction.' },
  LINK_JOINED: { status: 409, title: 'Both have become one person meanwhile', wayOut: 'Take the merge back first: POST /admin/v1/profiles/:id/unmerge, by the profile that was merged away.' },
  // Requests of data subjects
  REQUEST_TRANSITION: { status: 409, title: 'The request cannot become that from where it stands', wayOut: 'Read it again: somebody may have changed it, and an answer is final.' },
  IDENTITY_UNVERIFIED: { status: 409, title: 'Nobody has shown that the person asks', wayOut: 'Let the person prove it by a one-time code, or verify it by hand with a reason.' },
  NOT_EXTENDABLE: { status: 409, title: 'The time to answer cannot be extended', wayOut: 'Answer by the due date: the law allows one extension at most, told before it is over.' },
  NOT_CORRECTABLE: { status: 422, title: 'This cannot be corrected', wayOut: 'Correct profile fields (`profile.*`) and identities. Events and orders stay as they happened: send what sets them right as a new event from their source.' },
  IDENTITY_TAKEN: { status: 409, title: 'The identity belongs to somebody else', wayOut: 'See whose it is: GET /admin/v1/profiles/lookup. Where both are one person, let a verified record name both.' },
  IDENTITY_UNSUPPORTED: { status: 400, title: 'Nobody can be found by what the request names', wayOut: 'Send identities of a type and format that GET /opendsr/v2/discovery lists; `errors` names each other one.' },
  IDENTITIES_DIFFER: { status: 400, title: 'The request names more than one person', wayOut: 'Send a request of its own for each identity: these are known as those of different people.' },
  SUBJECT_REQUEST_EXISTS: { status: 400, title: 'Another request was handed in under this id', wayOut: 'Send each request with a subject_request_id of its own, and a repeat as it was.' },
  PURPOSE_UNKNOWN: { status: 422, title: 'The list is for a purpose that there is not', wayOut: 'Name a purpose of the workspace: GET /admin/v1/purposes.' },
  FIELD_NOT_COVERED: { status: 422, title: 'The purpose does not cover the field', wayOut: '`errors` names each field: leave it out, or let the purpose cover it.' },
  EXPORT_GONE: { status: 410, title: 'The file was fetched already, or is kept no more', wayOut: 'Ask for a new copy of your data.' },
  // Boot
  INVALID_ENVIRONMENT: { status: 500, title: 'The environment is not complete', wayOut: 'Set the variables that the message names.' },
  SERVER_UNREACHABLE: { status: 500, title: 'A server that the host needs cannot be reached', wayOut: 'Start the server, or correct the variable that the message names.' },
  EVICTING_QUEUE: { status: 500, title: 'Valkey may evict keys', wayOut: 'Set maxmemory-policy to noeviction.' },
  NEWER_SCHEMA: { status: 500, title: 'The database was written by a newer version', wayOut: 'Start the version that wrote it, or a newer one.' },
} as const satisfies Record<string, { status: number; title: string; wayOut: string }>;

/** A stable code, e.g. `MALFORMED_JSON`. Codes are never renamed. */
export type ErrorCode = keyof typeof ERROR_TABLE;
