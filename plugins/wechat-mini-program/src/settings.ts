import { segmentSettings, text } from '@firsthand/plugin-sdk';

/** One connection stands for one mini-program. */
export const settings = {
  appId: text('AppID', { description: 'AppID of the mini-program.', example: 'wx4f4bc4dec97d474b', pattern: '^wx[0-9a-f]{16}$', required: true }),
  appSecret: text('AppSecret', {
    description: 'Needed for client events that carry a login code, to learn the openid. Without it such people stay anonymous.',
    secret: true,
  }),
  token: text('Token', { description: 'Token of the message push, chosen in the admin console. Needed for messages.', secret: true, pattern: '^[A-Za-z0-9]{3,32}$' }),
  encodingAesKey: text('EncodingAESKey', {
    description: 'Key of the message push in security mode. When it is set, messages that are not encrypted are refused.',
    secret: true,
    pattern: '^[A-Za-z0-9]{43}$',
  }),
  ...segmentSettings,
};

/** What the connection's settings hold. */
export interface MiniProgram {
  appId: string;
  appSecret?: string;
  token?: string;
  encodingAesKey?: string;
}
