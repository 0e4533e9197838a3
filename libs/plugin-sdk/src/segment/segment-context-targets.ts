import type { MappingPart } from '@firsthand/domain';
import { pickTargets } from './pick-targets.js';

/**
 * The common context of the Segment spec ("Spec: Common Fields", Context), and what RudderStack's SDKs add (`sessionId`).
 * Device tokens, coordinates and brand lists have no canonical home and stay in the raw record.
 */
export const segmentContextTargets: MappingPart = {
  'context.ip': '{{context.ip}}',
  'context.userAgent': '{{context.userAgent}}',
  'context.locale': '{{context.locale}}',
  'context.timezone': '{{context.timezone}}',
  'context.groupId': '{{context.groupId}}',
  'context.sessionId': '{{context.sessionId}}',
  ...pickTargets('context.page', 'context.page', ['url', 'path', 'title', 'referrer', 'search']),
  ...pickTargets('context.campaign', 'context.campaign', ['name', 'source', 'medium', 'term', 'content', 'id']),
  ...pickTargets('context.clickIds', 'context.clickIds', ['fbc', 'fbp', 'gclid', 'ttclid', 'msclkid']),
  ...pickTargets('context.device', 'context.device', ['id', 'type', 'manufacturer', 'model', 'name', 'adTrackingEnabled']),
  ...pickTargets('context.os', 'context.os', ['name', 'version']),
  ...pickTargets('context.app', 'context.app', ['name', 'version', 'build', 'namespace']),
  ...pickTargets('context.library', 'context.library', ['name', 'version']),
  ...pickTargets('context.screen', 'context.screen', ['width', 'height', 'density']),
  ...pickTargets('context.network', 'context.network', ['wifi', 'cellular', 'carrier']),
  ...pickTargets('context.location', 'context.location', ['city', 'region', 'country']),
};
