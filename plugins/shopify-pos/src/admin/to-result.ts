import type { SendResult } from '@firsthand/plugin-sdk';

/** The result of an item: done, unless there is an error. */
export function toResult(error: Error | undefined): SendResult {
  return error === undefined ? { ok: true } : { ok: false, error };
}
