import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import { AUDIENCE_EXAMPLE as example, audienceSchema, audiencesSchema, compareBodySchema, type AudienceView, type CompareBody } from './audience-bodies.js';
import { getAudience, listAudiences, startCompare } from './audiences.js';

@ApiTags('Connections')
@Controller('admin/v1/connections/:id/audiences')
export class AudiencesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'The audiences of a destination that can be compared', description: 'Steps of live flows that keep the members of a segment in an audience.', requires: ['read', 'connection'],
    gives: audiencesSchema, errors: ['NOT_FOUND'], example: { items: [example] },
  })
  list(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<{ items: AudienceView[] }> {
    return listAudiences(this.admin, caller, id);
  }

  @Route({ method: 'GET', path: ':audienceId', summary: 'One audience, and how far its compare is', requires: ['read', 'connection'], gives: audienceSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('audienceId', { schema: idSchema }) audienceId: string): Promise<AudienceView> {
    return getAudience(this.admin, caller, id, audienceId);
  }

  @Route({
    method: 'POST', path: ':audienceId/compare', summary: 'Compares an audience with what its vendor has confirmed, and repairs it', requires: ['operate', 'delivery'], status: 202, gives: audienceSchema,
    description: 'Who is in the segment and consents, against what is confirmed: who is missing, changed or of unknown state is put in, who is not wanted is taken out. A worker goes through everybody, page by page; `GET` shows how far it is. With `preview` it only counts.',
    errors: ['NOT_FOUND', 'CONFLICT'], example: { ...example, compare: null },
  })
  compare(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('audienceId', { schema: idSchema }) audienceId: string, @Body({ schema: compareBodySchema }) body: CompareBody): Promise<AudienceView> {
    return startCompare(this.admin, caller, id, audienceId, body);
  }
}
