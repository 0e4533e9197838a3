import { normaliseEmail } from '@firsthand/domain';

/**
 * The address of an account as accounts are found and counted by it. One that is no address of the internet, as `owner@localhost` of the first start, is in small letters.
 *
 * @example accountAddress(' Ana@EXÄMPLE.com ') // 'ana@xn--exmple-cua.com'
 */
export function accountAddress(text: string): string {
  return normaliseEmail(text) ?? text.trim().toLowerCase();
}
