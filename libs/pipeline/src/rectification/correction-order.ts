import { canonicalise, FirsthandError, identityKey, mailboxesLeft, NAMESPACES, parseIdentityKey, type CanonicalRecord, type CorrectionReason, type ErrorPlace, type Identity, type JsonObject, type JsonValue } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';

/** An identity that is wrong, and what is right. Either may be null: one that is none of the person's, and one that was missing. */
export interface IdentityCorrection {
  namespace: string;
  from: string | null;
  to: string | null;
}

/** What is wrong about a person, and what is right. */
export interface CorrectionOrder {
  /** By dictionary path (`profile.city`); null for a value that there is not. */
  fields: Readonly<Record<string, JsonValue>>;
  identities: readonly IdentityCorrection[];
  reason: CorrectionReason;
}

/** A checked order: all values as a record of a source would bring them. */
export interface ReadCorrection {
  record: CanonicalRecord;
  /** Keys of what is taken from the person. */
  gone: string[];
  /** What they get. */
  added: Identity[];
}

const PROFILE = 'profile.';

/**
 * Reads a correction by the rules that records of sources are read by: the same dictionary, formats and normalisation. What a source's record would only be flagged for is refused here, since somebody waits for the answer.
 *
 * @param identities of the person: those to be taken away must be theirs
 * @param messageId unique to the correction
 * @throws FirsthandError `NOT_CORRECTABLE` for anything but profile fields and identities, `INVALID_REQUEST` for what does not fit the dictionary, names nobody, or leaves the person without any identity
 * @example readCorrection({ fields: { 'profile.city': 'Hangzhou' }, identities: [], reason: 'outdated' }, { identities: profile.identities, configuration, messageId, now })
 */
export function readCorrection(order: CorrectionOrder, { identities, configuration, messageId, now }: { identities: readonly Identity[]; configuration: Pick<WorkspaceConfiguration, 'dictionary'>; messageId: string; now: number }): ReadCorrection {
  const paths = Object.keys(order.fields);
  const foreign = paths.filter((path) => !path.startsWith(PROFILE));
  if (foreign.length > 0) throw new FirsthandError('NOT_CORRECTABLE', undefined, foreign.map((path) => placeOf(path, 'is no field of the profile')));
  if (paths.length + order.identities.length === 0) throw new FirsthandError('INVALID_REQUEST', 'Name a field or an identity that is wrong.', [{ path: '/fields', message: 'is empty' }]);
  const moves = order.identities.map((one, index) => moveOf(one, index, identities));
  const gone = new Set(moves.flatMap(({ from }) => (from === null ? [] : [identityKey(from)])));
  for (const mailbox of mailboxesLeft([...gone].map(parseIdentityKey), identities.filter((identity) => !gone.has(identityKey(identity))))) if (identities.some((own) => identityKey(own) === identityKey(mailbox))) gone.add(identityKey(mailbox));
  const added = moves.flatMap(({ to }) => (to === null ? [] : [to]));
  const left = [...identities.filter((identity) => !gone.has(identityKey(identity))), ...added];
  if (left.length === 0) throw new FirsthandError('INVALID_REQUEST', 'Nobody would be known by this profile any more.', [{ path: '/identities', message: 'is the last of the person' }]);
  const result = canonicalise({ type: 'identify', name: 'Profile Corrected', messageId, identities: treeOf(left), profile: profileTree(order.fields) }, { dictionary: configuration.dictionary, receivedAt: now, derivedMessageId: messageId });
  const { record } = result;
  const unread = paths.filter((path) => record?.profile[path.slice(PROFILE.length)] === undefined);
  if (record === undefined || unread.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, unread.map((path) => placeOf(path, 'does not fit the dictionary')));
  return { record, gone: [...gone], added };
}

function moveOf({ namespace, from, to }: IdentityCorrection, index: number, identities: readonly Identity[]): { from: Identity | null; to: Identity | null } {
  const read = (value: string | null, end: 'from' | 'to'): Identity | null => {
    if (value === null) return null;
    const normal = NAMESPACES.get(namespace)?.normalise(value, {}) ?? null;
    if (normal === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: `/identities/${index}/${end}`, message: `names nobody as ${namespace}` }]);
    return { namespace, value: normal };
  };
  const move = { from: read(from, 'from'), to: read(to, 'to') };
  const { from: wrong } = move;
  if (wrong === null && move.to === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: `/identities/${index}`, message: 'says neither what is wrong nor what is right' }]);
  if (wrong !== null && !identities.some((identity) => identityKey(identity) === identityKey(wrong))) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: `/identities/${index}/from`, message: 'is no identity of the person' }]);
  return move;
}

function profileTree(fields: CorrectionOrder['fields']): JsonObject {
  const tree: JsonObject = {};
  const custom: JsonObject = {};
  for (const [path, value] of Object.entries(fields)) {
    const field = path.slice(PROFILE.length);
    if (field.startsWith('custom.')) custom[field.slice('custom.'.length)] = value;
    else tree[field] = value;
  }
  return Object.keys(custom).length === 0 ? tree : { ...tree, custom };
}

function treeOf(identities: readonly Identity[]): JsonObject {
  const tree: Record<string, string[]> = {};
  for (const { namespace, value } of identities) (tree[namespace] ??= []).push(value);
  return tree;
}

function placeOf(path: string, message: string): ErrorPlace {
  return { path: `/fields/${path}`, message };
}
