import {
  asAnotherCopy, comparableForm, coversField, differenceOf, encodeStoredKey, fieldOfCopy, isJsonObject, namedAtOf, noteWritten, profileView, withField, withNames, type JsonObject, type JsonValue, type Purpose, type SyncCopy, type SyncField, type SyncRule,
} from '@firsthand/domain';
import type { DestinationDefinition } from '@firsthand/plugin-sdk';
import type { BuiltPayload } from '../deliver/build-payload.js';
import type { PersonWork } from '../person/person-work.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { SyncStateRow } from '../ports/sync-states.js';
import { isNamed, namesOf, type KnownCopy, type SyncBook } from './sync-book.js';
import { syncDigest } from './sync-digest.js';

/** What a write of a sync rule is decided on. */
export interface SyncGround {
  rule: SyncRule;
  book: SyncBook;
}

/** The rest of what is known of it when it is decided. */
export interface SyncWrite {
  row: Pick<DeliveryRow, 'deliveryId' | 'connectionId'>;
  person: PersonWork;
  destination: DestinationDefinition;
  purpose: Purpose;
  /** Paths that stay behind although the purpose covers them. */
  withheld: readonly string[];
  /** As found in the payload. */
  identifiers: JsonObject;
  now: number;
}

/** What is left to be sent, with the copy as it is with that on its way; or why nothing is. */
export type SyncDecision = { built: Exclude<BuiltPayload, { error: string }>; copy: SyncStateRow } | { reason: 'in-sync' | 'oscillation-stopped' | 'deleted-there'; copy: SyncStateRow | null };

/** What becomes of one field of a payload. */
interface FieldDecision {
  to: string;
  path: string;
  outcome: 'kept' | 'cleared' | 'left-out' | 'stopped';
}

/**
 * Leaves in a payload what the system is not known to hold, and the identifiers and required fields. What a person has no value for any more, and the system may hold one of, is cleared where the destination can do that. What the
 * purpose does not cover is neither sent nor noted.
 *
 * @param built of the person as they are
 * @param readsOf which paths a target of the mapping reads
 */
export function decideSync({ rule, book }: SyncGround, write: SyncWrite, built: Exclude<BuiltPayload, { error: string }>, readsOf: ReadonlyMap<string, readonly string[]>): SyncDecision {
  const { row: { connectionId, deliveryId }, person, purpose, withheld, destination, identifiers, now } = write;
  const known = copyToWrite(book, connectionId, person, identifiers);
  let copy = known.row;
  if (isLeftOut(copy, rule)) return { reason: 'deleted-there', copy };
  const view = { profile: profileView(person.profile) as JsonObject };
  const payload = structuredClone(built.payload);
  const decided: FieldDecision[] = [];
  for (const { field: path, to } of rule.fields) {
    if (!coversField(purpose, path) || withheld.includes(path)) continue;
    const key = encodeStoredKey(path.slice('profile.'.length));
    const value = valueAt(view, path);
    const isEmpty = comparableForm(value) === '';
    const field = fieldOfCopy(copy, key);
    if (isEmpty ? isGone(copy, field) || !mayHold(field, syncDigest(known.salt, null)) || destination.fields[topOf(to)]?.clearable !== true : valueAt(payload, to) === undefined) continue;
    const digest = syncDigest(known.salt, value);
    const { difference, field: judged } = differenceOf(field, digest, now, { ruleId: rule.ruleId, between: [connectionId, person.profile.fields[key]?.source ?? connectionId] });
    copy = withField(copy, key, difference === 'differs' ? noteWritten(judged, { digest, deliveryId, at: now }) : judged);
    decided.push({ to, path, outcome: difference === 'stopped' ? 'stopped' : difference === 'same' ? 'left-out' : isEmpty ? 'cleared' : 'kept' });
  }
  const isSent = decided.some(({ outcome }) => outcome === 'kept' || outcome === 'cleared');
  if (!isSent) return { reason: decided.some(({ outcome }) => outcome === 'stopped') ? 'oscillation-stopped' : 'in-sync', copy: known.isNew ? null : copy };
  const stays = new Set([...destination.identifiers, ...Object.keys(destination.fields).filter((name) => destination.fields[name]?.required === true)]);
  for (const { to, outcome } of decided) {
    if (outcome === 'cleared') putAt(payload, to, null);
    else if (outcome !== 'kept' && !stays.has(to)) putAt(payload, to, undefined);
  }
  return { built: { payload, ...leftOf(built, decided, payload, readsOf) }, copy: withNames(copy, namesOf(known.salt, identifiers)) };
}

/** The copy of a person that a write would be of which names them so. */
export function copyToWrite(book: SyncBook, connectionId: string, person: PersonWork, identifiers: JsonObject): KnownCopy {
  return copyNamed(book.copiesOf(connectionId, person), book.newCopy(connectionId, person), identifiers);
}

/** Whether a rule writes nothing of somebody, since the system's users have deleted them there. */
export function isLeftOut({ deleted }: SyncCopy, { deletedThere }: Pick<SyncRule, 'deletedThere'>): boolean {
  return deleted !== undefined && deletedThere !== 'make-again';
}

/** The copy that these identifiers name; where they name none that is known, what is known of the likeliest is of another. */
function copyNamed(copies: readonly [KnownCopy, ...KnownCopy[]], none: KnownCopy, identifiers: JsonObject): KnownCopy {
  const isCalledSo = ({ row: { names }, salt }: KnownCopy, how: 'all' | 'any'): boolean => isNamed({ names }, namesOf(salt, identifiers), how);
  const named = copies.find((copy) => isCalledSo(copy, 'all'));
  if (named !== undefined) return named;
  const isOwn = ({ row }: KnownCopy): boolean => row.profileId === none.row.profileId;
  const inOrder = [...copies.filter(isOwn), ...copies.filter((copy) => !isOwn(copy))];
  const likely = inOrder.find((copy) => copy.row.deleted === undefined && isCalledSo(copy, 'any'))
    ?? inOrder.find(({ row: { deleted }, salt }) => isNamed({ names: deleted?.names ?? [] }, namesOf(salt, identifiers), 'any'))
    ?? inOrder.find(isOwn);
  return likely === undefined ? none : { ...likely, row: beside(likely.row) };
}

/** The copy as another one, beside which the system had named this. */
function beside(row: SyncStateRow): SyncStateRow {
  const saidAt = namedAtOf(row);
  return { ...asAnotherCopy(row, []), ...(row.deleted === undefined && row.names.length > 0 && saidAt > -Infinity ? { other: { saidAt, names: row.names } } : {}) };
}

/** Whether a system may hold a value that has to be cleared: it was known to have one, and not known to have none. */
function mayHold({ held, turns, pending }: SyncField, empty: string): boolean {
  return pending !== undefined || (held === null ? turns.some(({ digest }) => digest !== empty) : held !== empty);
}

/** Whether the copy was deleted, and nothing was written to it since that was heard. */
function isGone({ deleted }: SyncCopy, { turns }: SyncField): boolean {
  return deleted !== undefined && turns.every(({ at }) => at < deleted.at);
}

/** Which fields of the person are in what is left. */
function leftOf(built: Exclude<BuiltPayload, { error: string }>, decided: readonly FieldDecision[], payload: JsonObject, readsOf: ReadonlyMap<string, readonly string[]>): { fields: string[]; disclosed: string[] } {
  const sent = new Set([...readsOf].flatMap(([target, paths]) => (valueAt(payload, target) === undefined ? [] : paths)));
  const gone = new Set(decided.filter(({ outcome }) => outcome === 'left-out' || outcome === 'stopped').map(({ path }) => path).filter((path) => !sent.has(path)));
  const added = decided.filter(({ outcome }) => outcome === 'cleared').map(({ path }) => path);
  const fields = [...new Set([...built.fields.filter((path) => !gone.has(path)), ...added])].sort();
  return { fields, disclosed: built.disclosed.filter((path) => !gone.has(path)) };
}

const topOf = (path: string): string => path.split('.', 1)[0] as string;

function valueAt(tree: JsonObject, path: string): JsonValue | undefined {
  return path.split('.').reduce<JsonValue | undefined>((value, key) => (isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), tree);
}

/** Sets what stands at a path, or takes it away with what is empty then. */
function putAt(tree: JsonObject, path: string, value: JsonValue | undefined): void {
  const [key = '', ...rest] = path.split('.');
  if (rest.length > 0) {
    const inner = Object.hasOwn(tree, key) && isJsonObject(tree[key]) ? tree[key] : {};
    putAt(inner, rest.join('.'), value);
    if (value !== undefined || Object.keys(inner).length > 0) tree[key] = inner;
    else delete tree[key];
  } else if (value === undefined) delete tree[key];
  else tree[key] = value;
}
