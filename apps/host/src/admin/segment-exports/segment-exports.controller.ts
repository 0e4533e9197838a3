import { Body, Controller, Inject, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import { exportSegment, segmentExportBodySchema, type SegmentExportBody } from './segment-exports.js';

@ApiTags('Segments')
@Controller('admin/v1/segments/:id/exports')
export class SegmentExportsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', summary: 'The members of a segment as a file, for a declared purpose', status: 200, requires: ['read', 'profile'], isAudited: true, gives: z.string(), produces: 'text/csv', errors: ['NOT_FOUND', 'PURPOSE_UNKNOWN', 'FIELD_NOT_COVERED', 'PUSH_HELD'],
    description: 'CSV or JSON lines, streamed. Only who has consented to the purpose at that moment, only fields that it covers, and each value as far as your role may read it. Who was left out is counted by reason: in the trailer `X-Export-Counts`, the last of the JSON lines, and the audit log.',
    example: '"profileId","identities.email"\r\n"p-1","ana@example.com"\r\n',
  })
  export(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: segmentExportBodySchema }) body: SegmentExportBody, @Res() response: Response): Promise<void> {
    return exportSegment(this.admin, caller, id, body, response);
  }
}
