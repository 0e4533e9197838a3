import { Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { Route } from '../http/route.js';
import { getMatching, matchingSchema, startMatching, type MatchingView } from './identity-matching.js';

const counts = { people: 48_210, withheld: 1_790, blocks: 92_114, skippedBlocks: 311, pairs: 402_880, suggested: 2_904 };
const example: MatchingView = {
  isOn: true, step: null, counts, nextAt: '2026-11-25T08:06:40.000Z',
  last: {
    startedAt: '2026-11-24T08:00:00.000Z', finishedAt: '2026-11-24T08:06:40.000Z', counts, fit: { iterations: 38, hasConverged: true }, shares: { same: 0.000003, household: 0.00002, other: 0.999977 },
    levels: { same: { birthday: { same: 0.9, near: 0.08, sameYear: 0.005, other: 0.015 } } },
  },
};

@ApiTags('Identity')
@Controller('admin/v1/identity-matching')
export class IdentityMatchingController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Where the matcher stands', description: 'It looks for profiles that may be one person’s, once `matching` is set in the identity settings. Counts and shares only.',
    requires: ['read', 'identity'], gives: matchingSchema, example,
  })
  get(@CallerOf() caller: Caller): Promise<MatchingView> {
    return getMatching(this.admin, caller);
  }

  @Route({
    method: 'POST', path: 'runs', summary: 'Looks now', description: 'The next run begins within seconds, once what came in is applied; one that is under way goes on.',
    requires: ['operate', 'identity'], status: 202, gives: matchingSchema, errors: ['MATCHING_OFF'], example: { ...example, step: 'index', nextAt: null },
  })
  start(@CallerOf() caller: Caller): Promise<MatchingView> {
    return startMatching(this.admin, caller);
  }
}
