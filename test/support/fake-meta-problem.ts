import type { VendorAnswer } from './vendor-server.js';

/** What Meta says of an error, besides its code. */
export interface MetaErrorDetails {
  status?: number;
  subcode?: number;
  isTransient?: boolean;
  title?: string;
  type?: string;
}

/** An error of Meta's Graph API: thrown while a request is handled, answered with Meta's error body. */
export class MetaProblem extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly details: MetaErrorDetails = {},
  ) {
    super(message);
  }

  answer(): VendorAnswer {
    const { status = 400, subcode, isTransient = false, title, type = 'OAuthException' } = this.details;
    return {
      status,
      json: {
        error: {
          message: this.message, type, code: this.code,
          ...(subcode === undefined ? {} : { error_subcode: subcode }),
          is_transient: isTransient,
          ...(title === undefined ? {} : { error_user_title: title, error_user_msg: `${title}.` }),
          fbtrace_id: 'A6UyEgg_HdoiRX9duxcBOjb',
        },
      },
    };
  }
}

export function invalidParameter(title: string, subcode?: number): MetaProblem {
  return new MetaProblem(100, 'Invalid parameter', { title, subcode });
}

export function invalidToken(): MetaProblem {
  return new MetaProblem(190, 'Invalid OAuth access token - Cannot parse access token', { status: 401 });
}

export function unknownObject(id: string): MetaProblem {
  return new MetaProblem(
    100, `Unsupported post request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    { subcode: 33, type: 'GraphMethodException' },
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
