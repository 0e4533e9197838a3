import type { ConditionGrammar } from '@firsthand/domain';
import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { auditSegment, segmentAuditSchema, type SegmentAudit } from './audit-segment.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch, OptionalIfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { GRAMMAR_EXAMPLE, segmentGrammar, segmentGrammarSchema } from './segment-grammar.js';
import { publishEffects, segmentEffects } from './segment-effects.js';
import { COUNT_EXAMPLE, segmentInsightSchema, segmentPreviewSchema, type SegmentInsight, type SegmentPreviewBody } from './preview-bodies.js';
import { insightOfDraft, insightOfSegment } from './segment-insight.js';
import {
  newSegmentSchema, SEGMENT_EXAMPLE as example, segmentChangeSchema, segmentSchema, type NewSegment, type SegmentChange, type SegmentView,
} from './segment-bodies.js';
import { HISTORY_EXAMPLE, historyQuerySchema, segmentHistory, segmentHistorySchema, sendSegmentPlot, type HistoryQuery, type SegmentHistory } from './segment-history.js';
import { changeSegment, createSegment, deleteSegment, getSegment, listSegments, pauseSegment, publishSegment, resumeSegment } from './segments.js';

@ApiTags('Segments')
@Controller('admin/v1/segments')
export class SegmentsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the segments', requires: ['read', 'segment'], gives: pageOf(segmentSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<SegmentView>> {
    return listSegments(this.admin, caller, query);
  }

  @Route({ method: 'POST', summary: 'Makes a segment', description: 'It begins as a draft.', isOneMoment: true, requires: ['create', 'segment'], status: 201, gives: segmentSchema, errors: ['INVALID_SEGMENT', 'CONFLICT'], example: { ...example, version: 1, status: 'draft', published: null } })
  create(@CallerOf() caller: Caller, @Body({ schema: newSegmentSchema }) segment: NewSegment): Promise<SegmentView> {
    return createSegment(this.admin, caller, segment);
  }

  @Route({
    method: 'POST', path: 'preview', summary: 'Counts whom a segment would have', description: 'Size, waterfall, overlap and a masked sample; nothing is stored. Large workspaces are answered from a sample with its error, then counted.',
    requires: ['preview', 'segment'], isResult: true, status: 200, gives: segmentInsightSchema, errors: ['INVALID_SEGMENT', 'RATE_LIMITED'], example: { ...COUNT_EXAMPLE, change: null },
  })
  preview(@CallerOf() caller: Caller, @Body({ schema: segmentPreviewSchema }) body: SegmentPreviewBody): Promise<SegmentInsight> {
    return insightOfSegment(this.admin, caller, body);
  }

  @Route({
    method: 'POST', path: ':id/preview', summary: 'Counts whom the draft of a segment would have', description: 'And who would enter and leave if it were published now.',
    requires: ['preview', 'segment'], isResult: true, status: 200, gives: segmentInsightSchema, errors: ['NOT_FOUND', 'INVALID_SEGMENT', 'RATE_LIMITED'], example: COUNT_EXAMPLE,
  })
  previewDraft(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<SegmentInsight> {
    return insightOfDraft(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: 'grammar', summary: 'What can be written in a condition', description: 'Kinds with an example each, the fields of this workspace, the operators and values of each type, and every limit.',
    requires: ['read', 'segment'], gives: segmentGrammarSchema, example: GRAMMAR_EXAMPLE,
  })
  grammar(@CallerOf() caller: Caller): Promise<ConditionGrammar> {
    return segmentGrammar(this.admin, caller);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One segment', requires: ['read', 'segment'], gives: segmentSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<SegmentView> {
    return getSegment(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: ':id/audit', summary: 'Compares the members of a segment with who belongs in it', description: 'By a query over everybody, which takes its time in a large workspace. Changes that are being made may show for some seconds.',
    requires: ['operate', 'segment'], gives: segmentAuditSchema, errors: ['NOT_FOUND', 'CONFLICT'], example: { segmentId: 'recent-buyers', version: 2, members: 112, expected: 112, missing: 0, surplus: 0 },
  })
  audit(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<SegmentAudit> {
    return auditSegment(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: ':id/history', summary: 'The sizes of a segment over time', description: 'One snapshot an hour of each live segment.',
    requires: ['read', 'segment'], gives: segmentHistorySchema, errors: ['NOT_FOUND', 'INVALID_REQUEST'], example: HISTORY_EXAMPLE,
  })
  history(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: historyQuerySchema }) query: HistoryQuery): Promise<SegmentHistory> {
    return segmentHistory(this.admin, caller, id, query);
  }

  @Route({
    method: 'GET', path: ':id/history/plot', summary: 'The sizes of a segment over time, plotted', requires: ['read', 'segment'], gives: z.string(), produces: 'image/svg+xml', errors: ['NOT_FOUND', 'INVALID_REQUEST'],
    example: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 240" role="img"><title>Big baskets</title><polyline points="56,180 704,40"/></svg>',
  })
  plot(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: historyQuerySchema }) query: HistoryQuery, @Res() response: Response): Promise<void> {
    return sendSegmentPlot(this.admin, caller, id, query, response);
  }

  @Route({ method: 'PUT', path: ':id', summary: 'Changes the draft of a segment', description: 'What is left out stays; what is live changes at the next publication.', isOneMoment: true, requires: ['update', 'segment'], isUpdate: true, gives: segmentSchema, errors: ['INVALID_SEGMENT'], example })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: segmentChangeSchema }) change: SegmentChange): Promise<SegmentView> {
    return changeSegment(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a segment that nothing reads', isOneMoment: true, requires: ['delete', 'segment'], isUpdate: true, dryRun: segmentEffects, errors: ['CONFLICT'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteSegment(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/publish', summary: 'Makes the draft live', description: 'Everybody is evaluated within moments; conditions on the properties of events first count the stored events.', isOneMoment: true, requires: ['operate', 'segment'], dryRun: publishEffects, gives: segmentSchema, errors: ['NOT_FOUND', 'INVALID_SEGMENT'], example })
  publish(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<SegmentView> {
    return publishSegment(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/pause', summary: 'Stops a segment', description: 'Its members stay as they are.', requires: ['operate', 'segment'], dryRun: segmentEffects, gives: segmentSchema, errors: ['NOT_FOUND', 'CONFLICT'], example: { ...example, status: 'paused' } })
  pause(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<SegmentView> {
    return pauseSegment(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/resume', summary: 'Makes what was published last live again', isOneMoment: true, requires: ['operate', 'segment'], dryRun: segmentEffects, gives: segmentSchema, errors: ['NOT_FOUND', 'CONFLICT'], example })
  resume(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<SegmentView> {
    return resumeSegment(this.admin, caller, id, ifMatch);
  }
}
