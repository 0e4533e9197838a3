import type { Profile } from '@firsthand/domain';

/** See `make-people.mjs`. */
export function makePeople(options: { count: number; seed: number }): { truth: number; profile: Pick<Profile, 'fields' | 'identities'> }[];
