import type { Problem } from '../boot/problem.js';

/** The error object of OpenDSR 2.0 (section 7.6). */
export interface OpenDsrError {
  code: number;
  message: string;
  errors: { domain: string; reason: string; message: string }[];
}

/** A problem as machines of OpenDSR read it, to stand beside its own members (RFC 9457, section 3.2). It quotes no value. */
export function openDsrError({ status, title, detail, wayOut, code, errors = [] }: Problem): OpenDsrError {
  const message = `${title}. ${wayOut}`;
  return {
    code: status, message: detail ?? title,
    errors: errors.length === 0 ? [{ domain: 'firsthand', reason: code, message }] : errors.map(({ path, message: fault }) => ({ domain: 'firsthand', reason: code, message: `${path} ${fault}` })),
  };
}
