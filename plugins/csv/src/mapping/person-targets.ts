import type { MappingPart } from '@firsthand/plugin-sdk';
import { column, phone } from './column.js';

/** The columns that say whose row it is. */
export const personTargets: MappingPart = {
  'identities.userId': column('user_id'),
  'identities.memberNo': column('member_no'),
  'identities.customerId': column('customer_id'),
  'identities.email': column('email'),
  'identities.phone': phone('phone'),
};
