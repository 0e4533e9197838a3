import { Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { Route } from '../http/route.js';
import { getRetention, RETENTION_EXAMPLE, retentionSchema, type RetentionView } from './retention.js';

@ApiTags('Data use')
@Controller('admin/v1/retention')
export class RetentionController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'What is kept for how long, and what was removed', description: 'By purpose and for the workspace\'s own fields; when what may be kept no longer was last removed, how much of it, and whether anything is overdue. What has ended is given to nobody, removed or not.',
    requires: ['read', 'purpose'], gives: retentionSchema, example: RETENTION_EXAMPLE,
  })
  get(@CallerOf() caller: Caller): Promise<RetentionView> {
    return getRetention(this.admin, caller);
  }
}
