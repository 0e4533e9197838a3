import { GppModel } from '@iabgpp/cmpapi';
import { GPP_OPT_OUTS } from './consent-signal.js';
import { readTcf, type TcfConsent } from './read-tcf.js';

/** What a GPP string says. */
export interface GppConsent {
  /** What any of its US sections opts out of. */
  optOuts: ReadonlySet<keyof typeof GPP_OPT_OUTS>;
  /** Whether one of them passes on a Global Privacy Control. */
  hasGpc: boolean;
  /** Its section of TCF for Europe: undefined when it has none, `unreadable` when nobody can read it. */
  tcf: TcfConsent | 'unreadable' | undefined;
}

const GPP_STRING = /^[A-Za-z0-9_.~-]{4,16000}$/;
const TCF_EU_SECTION = 2;
/** 1 is an opt-out in the US sections, `Y` in the older CCPA string. */
const OPTED_OUT: readonly unknown[] = [1, 'Y'];

/**
 * Reads a GPP string (IAB Tech Lab, Global Privacy Platform): the opt-outs of its US sections, and its section of TCF for Europe.
 *
 * @returns undefined for what cannot be read; one section that cannot be read makes the whole string so
 * @example readGpp(gppString)?.optOuts.has('sale')
 */
export function readGpp(gppString: string): GppConsent | undefined {
  if (!GPP_STRING.test(gppString)) return undefined;
  try {
    const model = new GppModel(gppString);
    const sections = Object.values(model.toObject() as Record<string, Record<string, unknown>>);
    const place = model.getSectionIds().indexOf(TCF_EU_SECTION);
    return {
      optOuts: new Set(Object.entries(GPP_OPT_OUTS).filter(([, fields]) => fields.some((field) => sections.some((section) => OPTED_OUT.includes(section[field])))).map(([optOut]) => optOut as keyof typeof GPP_OPT_OUTS)),
      hasGpc: sections.some(({ Gpc }) => Gpc === true),
      tcf: place < 0 ? undefined : (readTcf(gppString.split('~')[place + 1] ?? '') ?? 'unreadable'),
    };
  } catch {
    // The library throws whatever it stumbles over, and quotes the string.
    return undefined;
  }
}
