import { hashApiKey } from '@firsthand/access';
import type { NextFunction, Request, Response } from 'express';
import { OPENDSR_PATH } from './status-body.js';

const BASIC = /^Basic ([A-Za-z0-9+/=]{1,2048})$/i;

/** Whether a request is one of OpenDSR. */
export function isOpenDsr(url: string | undefined): boolean {
  return url?.startsWith(`/${OPENDSR_PATH}/`) === true;
}

/** Takes an API key as password or user of Basic auth too, which is all that many machines can send. An account's password opens nothing here. */
export function takeKeysByBasic(request: Request, _response: Response, next: NextFunction): void {
  const encoded = isOpenDsr(request.originalUrl) ? BASIC.exec(request.headers.authorization ?? '')?.[1] : undefined;
  if (encoded !== undefined) {
    const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    const key = [password.join(':'), user].find((text) => hashApiKey(text) !== null);
    if (key !== undefined) request.headers.authorization = `Bearer ${key}`;
  }
  next();
}
