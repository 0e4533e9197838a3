import type { MatchLevel } from './match-fields.js';
import type { MatchAddress } from './parse-address.js';
import { editDistance } from './text-distance.js';

const SHORTEST_NEAR = 6;

/**
 * How alike two addresses are. Of two that both name a flat, the flat counts: the people of one house are many. A road of the same name in another city is another road.
 *
 * @example compareAddresses(parseAddress({ street: '文三路138号' }), parseAddress({ street: '138 Wensan Rd', country: 'CN' })) // 'same'
 */
export function compareAddresses(one: MatchAddress, other: MatchAddress): MatchLevel<'address'> {
  const isElsewhere = one.area !== '' && other.area !== '' && one.area !== other.area && !isOneSlip(one.area, other.area);
  if (isElsewhere && (one.postalCode === '' || one.postalCode !== other.postalCode)) return 'other';
  const isSameRoad = one.road === other.road;
  if (!isSameRoad && !isOneSlip(one.road, other.road)) return 'other';
  if (one.number === other.number) {
    const isSameUnit = one.unit === other.unit || one.unit === '' || other.unit === '';
    return isSameRoad && isSameUnit ? 'same' : 'near';
  }
  const isSlip = one.number !== '' && one.number.length === other.number.length && one.unit === other.unit && one.unit !== '' && editDistance(one.number, other.number, 1) === 1;
  return isSameRoad && isSlip ? 'near' : 'sameRoad';
}

function isOneSlip(one: string, other: string): boolean {
  return Math.max(one.length, other.length) >= SHORTEST_NEAR && editDistance(one, other, 1) === 1;
}
