import type { Dictionary } from '../canonical/dictionary.js';
import { MAY_NOT_WRITE, type OwnerRank } from '../profile/winning-field.js';
import { DEFAULT_OWNERSHIP_SETTINGS, type OwnershipPolicy, type OwnershipSettings, type OwnershipSource } from './ownership-settings.js';

/** The source of what flows set. No connection stands for it. */
export const FLOW_SOURCE = 'flow';

/** How one field is owned: what was set, completed by the defaults and the dictionary. */
export interface FieldOwnership {
  policy: OwnershipPolicy;
  masters: readonly OwnershipSource[];
  /** Null: everybody may write it. */
  proposers: readonly OwnershipSource[] | null;
  refused: readonly OwnershipSource[];
  priority: readonly OwnershipSource[];
  /** Whether the workspace has said anything about this very field. */
  isSet: boolean;
}

/** Who is believed about which field of a profile. Immutable, made once per configuration. */
export interface Ownership {
  rank: OwnerRank;
  /** By the canonical name of a profile field: `city`, `custom.shoeSize`. */
  of(field: string): FieldOwnership;
  /** Whether a source is a master of a field. */
  isMaster(field: string, source: string): boolean;
  /** Whether a source is there: what one said that was deleted gives way to anybody who is. */
  isThere(source: string): boolean;
}

const OWNER = 0;
const OTHER = 1;
/** Sources that were deleted come after all that are there, and before those that may not write. */
const GONE = 1_000_000;

/**
 * Compiles who is believed about which field. Without settings the channel that the dictionary names as a field's owner comes before all others, and these are equal. Ranks are looked up, once made.
 *
 * @param channels channel by id, of every connection, also of those that cannot be used now: their fields keep their rank. Any text that is no channel where nobody knows it
 * @example compileOwnership(settings, { dictionary, channels: new Map([['pos', 'store']]) }).rank('preferredStoreId', 'pos') // 0
 */
export function compileOwnership(settings: OwnershipSettings | undefined, { dictionary, channels }: { dictionary: Pick<Dictionary, 'field'>; channels: ReadonlyMap<string, string> }): Ownership {
  const { defaults, fields } = settings ?? DEFAULT_OWNERSHIP_SETTINGS;
  const rules = new Map(fields.map((rule) => [rule.field, rule]));
  const channelOf = (source: string): string | undefined => channels.get(source) ?? (source === FLOW_SOURCE ? FLOW_SOURCE : undefined);
  const owned = new Map<string, CompiledField>();
  const compiled = (field: string): CompiledField => {
    const known = owned.get(field);
    if (known !== undefined) return known;
    const rule = rules.get(`profile.${field}`);
    const owner = dictionary.field(`profile.${field}`)?.owner ?? 'any';
    const made = compileField({
      policy: rule?.policy ?? defaults.policy, masters: rule?.masters ?? (owner === 'any' ? [] : [{ channel: owner }]), proposers: rule?.proposers ?? null, refused: rule?.refused ?? [],
      priority: rule?.priority ?? defaults.priority, isSet: rule !== undefined,
    }, channelOf);
    owned.set(field, made);
    return made;
  };
  const hasPriorities = defaults.priority.length > 0 || fields.some(({ priority = [] }) => priority.length > 0);
  const rank: OwnerRank = Object.assign((field: string, source: string): number => compiled(field).rank(source), {
    refusesSome: fields.some(({ proposers, refused }) => proposers !== null || refused.length > 0),
    ...(hasPriorities ? { priorityOf: (field: string, source: string): number => compiled(field).priority(source) } : {}),
  });
  return { rank, of: (field) => compiled(field).ownership, isMaster: (field, source) => compiled(field).isMaster(source), isThere: (source) => channelOf(source) !== undefined };
}

interface CompiledField {
  ownership: FieldOwnership;
  isMaster(source: string): boolean;
  rank(source: string): number;
  priority(source: string): number;
}

function compileField(ownership: FieldOwnership, channelOf: (source: string) => string | undefined): CompiledField {
  const { policy, masters, proposers, refused, priority } = ownership;
  const isIn = (list: readonly OwnershipSource[], source: string): boolean => indexOf(list, source, channelOf(source)) < list.length;
  const place = (source: string): number => indexOf(priority, source, channelOf(source));
  const rankOf = (source: string): number => {
    const isMaster = isIn(masters, source);
    if (!isMaster && ((proposers !== null && !isIn(proposers, source)) || isIn(refused, source))) return MAY_NOT_WRITE;
    if (channelOf(source) === undefined) return GONE;
    if (policy === 'newest') return OTHER;
    if (isMaster) return OWNER;
    return policy === 'priority' ? OTHER + place(source) : OTHER;
  };
  return { ownership, isMaster: (source) => isIn(masters, source), rank: remember(rankOf), priority: policy === 'priority' ? () => 0 : remember(place) };
}

/** The first place at which a source is meant, by itself or by its channel; behind the last one for none. */
function indexOf(list: readonly OwnershipSource[], source: string, channel: string | undefined): number {
  const index = list.findIndex((one) => ('channel' in one ? one.channel === channel : one.connectionId === source));
  return index === -1 ? list.length : index;
}

function remember(ask: (source: string) => number): (source: string) => number {
  const answers = new Map<string, number>();
  return (source) => {
    const known = answers.get(source);
    if (known !== undefined) return known;
    const answer = ask(source);
    answers.set(source, answer);
    return answer;
  };
}
