import type { DisclosureGround, DisclosureRow } from '../ports/rows.js';

/** How exactly the time of the last disclosure is known: further sends of the same within it are not noted. Who gets ten messages in one visit costs one write, not ten. */
export const LAST_SEEN_STEP_MS = 3_600_000;

/** What tells the grounds of a disclosure apart: all that does not grow. */
export function groundKey({ purpose, reason, agreementId, agreementVersion, recipient, country }: DisclosureGround): string {
  return JSON.stringify([purpose, reason, agreementId, agreementVersion, recipient, country]);
}

/** Whether two grounds have one key. Each delivery asks. */
function isSameGround(one: DisclosureGround, other: DisclosureGround): boolean {
  return one.purpose === other.purpose && one.reason === other.reason && one.agreementId === other.agreementId && one.agreementVersion === other.agreementVersion && one.recipient === other.recipient && one.country === other.country;
}

/**
 * Whether a disclosure has to be noted: the recipient gets anything that it did not have, on a ground that is new, or it got the last one over an hour ago. What is known
 * already needs no write.
 *
 * @param own what is noted of the person by the same action
 */
export function isNews(disclosure: DisclosureRow, own: readonly DisclosureRow[]): boolean {
  const row = own.find(({ profileId }) => profileId === disclosure.profileId);
  if (row === undefined || !covers(row.purposes, disclosure.purposes) || !covers(row.fields, disclosure.fields)) return true;
  if (disclosure.grounds.some((ground) => isNewGround(ground, row.grounds.find((known) => isSameGround(known, ground))))) return true;
  return disclosure.identifiers.some((identifiers) => {
    const text = JSON.stringify(identifiers);
    return !row.identifiers.some((noted) => JSON.stringify(noted) === text);
  });
}

function isNewGround({ fields, lastAt }: DisclosureGround, known: DisclosureGround | undefined): boolean {
  return known === undefined || lastAt - known.lastAt >= LAST_SEEN_STEP_MS || !covers(known.fields, fields);
}

function covers(known: readonly string[], given: readonly string[]): boolean {
  return given.every((entry) => known.includes(entry));
}
