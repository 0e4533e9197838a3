import { RestrictionType, TCString, type TCModel } from '@iabtcf/core';
import { lastMomentOf } from './last-moment-of.js';

/** What a TC string says. */
export interface TcfConsent {
  /** Whether all of these TCF purposes are consented to, for a vendor or (null) for the brand itself. */
  isConsentedTo(purposes: readonly number[], vendor: number | null): boolean;
  decidedBefore: number;
}

/** A string that was made from here on must name the vendors that were disclosed (TCF 2.3); older ones stay valid as they are. */
const DISCLOSURE_SINCE = Date.parse('2026-03-01T00:00:00Z');
/** The first three bits of a segment, in the first letter of its base64url. */
const DISCLOSED_SEGMENT = /^[I-P]/;
const PUBLISHER_SEGMENT = /^[Y-Za-f]/;
const TC_STRING = /^[A-Za-z0-9_.-]{1,16000}$/;

/**
 * Reads a TC string (IAB Europe, Transparency and Consent Framework 2.2 and 2.3).
 * For a vendor it takes consent to the purposes and to the vendor, no restriction by the publisher to another ground, and since TCF 2.3 the vendor among those disclosed. The
 * brand itself is the publisher: its own segment counts where there is one, else the purposes of the core.
 *
 * @returns undefined for what cannot be read, is of another version, or leaves out the disclosed vendors where they are due
 * @example readTcf(tcString)?.isConsentedTo([1, 3, 4], 755)
 */
export function readTcf(tcString: string): TcfConsent | undefined {
  const model = decode(tcString);
  if (model === undefined) return undefined;
  const [, ...segments] = tcString.split('.');
  const isDisclosing = segments.some((segment) => DISCLOSED_SEGMENT.test(segment));
  if (!isDisclosing && model.created.getTime() >= DISCLOSURE_SINCE) return undefined;
  const own = segments.some((segment) => PUBLISHER_SEGMENT.test(segment)) ? model.publisherConsents : model.purposeConsents;
  const isVendorIn = (vendor: number): boolean => model.vendorConsents.has(vendor) && (!isDisclosing || model.vendorsDisclosed.has(vendor));
  return {
    isConsentedTo: (purposes, vendor) => (vendor === null
      ? purposes.every((purpose) => own.has(purpose))
      : isVendorIn(vendor) && purposes.every((purpose) => model.purposeConsents.has(purpose) && !isRestricted(model, vendor, purpose))),
    decidedBefore: lastMomentOf(model.lastUpdated),
  };
}

function decode(tcString: string): TCModel | undefined {
  if (!TC_STRING.test(tcString)) return undefined;
  try {
    const model = TCString.decode(tcString);
    return Number(model.version) === 2 && !Number.isNaN(model.lastUpdated.getTime()) ? model : undefined;
  } catch {
    // The library throws whatever it stumbles over, and quotes the string.
    return undefined;
  }
}

/** Whether the publisher forbids the purpose to the vendor, or leaves it legitimate interest alone: then a consent bit is none. */
function isRestricted({ publisherRestrictions }: TCModel, vendor: number, purpose: number): boolean {
  return publisherRestrictions.getRestrictions(vendor).some(({ purposeId, restrictionType }) => purposeId === purpose && restrictionType !== RestrictionType.REQUIRE_CONSENT);
}
