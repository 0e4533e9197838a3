import type { ReachChannel } from './condition.js';

/** Which identities make a person reachable on a channel. An anonymous browser id reaches nobody. */
export const CHANNEL_NAMESPACES: Readonly<Record<ReachChannel, readonly string[]>> = {
  email: ['email'],
  phone: ['phone'],
  wechat: ['unionid', 'openid'],
  device: ['deviceId', 'idfa', 'gaid'],
};

export const REACH_CHANNELS = Object.keys(CHANNEL_NAMESPACES) as readonly ReachChannel[];
