import type { PurposeRules, Recorded } from './recorded.js';

/** What stands for one purpose and scope. */
export interface Said {
  isYes: boolean;
  at: number;
  /** By a tool that repeats itself, not by an act. */
  isRepeated: boolean;
  /** Which versions were agreed to; more than one where two were at the same moment. */
  versions: (number | null)[];
}

/** The last act on a place, and the last that a tool has told. */
export interface Last {
  act?: Said;
  repeated?: Said;
}

export function after(last: Last, said: Said): Last {
  const part = said.isRepeated ? 'repeated' : 'act';
  const stands = last[part];
  if (stands === undefined || isLater(said, stands)) return { ...last, [part]: said };
  if (!isLater(stands, said) && said.isYes) return { ...last, [part]: { ...stands, versions: [...stands.versions, ...said.versions] } };
  return last;
}

/** A no by an act is lifted by no tool; otherwise the later counts, and of one moment the act. */
export function prevailing({ act, repeated }: Last): Said | undefined {
  if (act === undefined || repeated === undefined) return act ?? repeated;
  return act.isYes && isLater(repeated, act) ? repeated : act;
}

export function harder(one: Said | undefined, other: Said | undefined): Last {
  const only = one ?? other;
  if (only === undefined) return {};
  if (one === undefined || other === undefined) return after({}, only);
  if (one.isYes !== other.isYes) return after({}, one.isYes ? other : one);
  if (!one.isYes && one.isRepeated !== other.isRepeated) return after({}, one.isRepeated ? other : one);
  if (isLater(one, other) || isLater(other, one)) return after({}, isLater(one, other) ? one : other);
  return after({}, { ...one, versions: [...one.versions, ...other.versions] });
}

export function isLater(one: Said, other: Said): boolean {
  return one.at !== other.at ? one.at > other.at : !one.isYes && other.isYes;
}

/** What a tool repeats is recorded once; a yes over a yes is none to a newer text. */
export function saysNothingNew(stands: Said | undefined, news: Said): boolean {
  return stands !== undefined && stands.isYes === news.isYes && (news.isYes || stands.versions.every((version) => version === news.versions[0]));
}

export function isSame(one: Said | undefined, other: Said | undefined): boolean {
  return one !== undefined && other !== undefined && one.isYes === other.isYes && one.at === other.at && one.isRepeated === other.isRepeated && one.versions.length === other.versions.length;
}

export function sure(isAllowed: boolean): { isSure: boolean; isAllowed: boolean } {
  return { isSure: true, isAllowed };
}

/** A yes counts for the version it was given on, unless a material one came after it, and for its time. */
export function holds(said: Said | undefined, { expiresAfterMs }: Pick<PurposeRules, 'expiresAfterMs'>, entries: readonly Recorded[], now: number): { isSure: boolean; isAllowed: boolean } {
  if (said === undefined || !said.isYes || (expiresAfterMs !== null && now >= said.at + expiresAfterMs)) return sure(false);
  const material = entries.flatMap((entry) => (entry.kind === 'publish' && entry.isMaterial ? [entry.version] : []));
  const valid = said.versions.map((version) => version !== null && !material.some((one) => one > version));
  return { isSure: valid.every((one) => one === valid[0]), isAllowed: valid[0] === true };
}
