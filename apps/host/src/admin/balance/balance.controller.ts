import { Controller, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { Route } from '../http/route.js';
import { balanceQuerySchema, balanceSchema, type Balance, type BalanceQuery } from './balance-schema.js';
import { getBalance } from './balance.js';

@ApiTags('Balance')
@Controller('admin/v1/balance')
export class BalanceController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Every record and every delivery accounted for', requires: ['read', 'balance'], gives: balanceSchema,
    description: 'received = applied + anonymous + duplicate + quarantined + discarded + expired + refused + pending, and deliveries = delivered + blocked + dead + cancelled + pending, all as of one moment. `difference` is 0.',
    example: {
      at: '2026-11-24T08:10:00.000Z', sources: [{ connectionId: 'online-shop', minute: null, received: 120, parts: { applied: 117, duplicate: 2, 'refused.consent-denied': 1 }, difference: 0 }],
      destinations: [{ connectionId: 'crm', minute: null, deliveries: 40, parts: { delivered: 38, 'blocked.no-consent': 2 }, difference: 0 }], difference: 0,
    },
  })
  get(@CallerOf() caller: Caller, @Query({ schema: balanceQuerySchema }) query: BalanceQuery): Promise<Balance> {
    return getBalance(this.admin, caller, query);
  }
}
