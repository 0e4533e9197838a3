import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { MappingSuggestion } from '@firsthand/domain';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { Route } from '../http/route.js';
import { coverRecords } from './cover-records.js';
import {
  coverageSchema, mappingCoverageBodySchema, mappingPreviewSchema, mappingSuggestBodySchema, previewSchema, suggestionsSchema,
  type MappingCoverage, type MappingCoverageBody, type MappingPreviewBody, type MappingSuggestBody,
} from './mapping-bodies.js';
import { previewMapping, type MappingPreview } from './preview-mapping.js';
import { suggestForConnection } from './suggest-for-connection.js';

/** What a mapping does, before it does it. */
@ApiTags('Mappings')
@Controller('admin/v1/mappings')
export class MappingInsightController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', path: 'preview', summary: 'Maps a sample and stores nothing', description: 'Says of each canonical field where its value comes from and what was lost. Stored samples are for who may see raw records.', requires: ['operate', 'mapping'],
    gives: previewSchema, errors: ['NOT_FOUND', 'INVALID_MAPPING'],
    example: {
      sample: { kind: 'given', id: null, raw: { event: 'Order Completed', userId: 'u-20481', note: 'x' } },
      mapped: { name: 'Order Completed', identities: { userId: 'u-20481' } }, record: { type: 'track', name: 'Order Completed', identities: [{ namespace: 'userId', value: 'u-20481' }] }, error: null,
      fields: [{ target: 'name', sources: ['event'], type: 'string', outcome: 'kept', reason: null, value: 'Order Completed', given: null }], unmapped: ['note'], reads: { name: ['event'] },
    },
  })
  preview(@CallerOf() caller: Caller, @Body({ schema: mappingPreviewSchema }) body: MappingPreviewBody): Promise<MappingPreview> {
    return previewMapping(this.admin, caller, body);
  }

  @Route({
    method: 'POST', path: 'coverage', summary: 'Counts what a mapping does with the newest stored records', description: 'Which raw fields go nowhere, which targets lose something, what would go to quarantine. Numbers only, no values.', requires: ['operate', 'mapping'],
    isResult: true, gives: coverageSchema, errors: ['NOT_FOUND', 'INVALID_MAPPING'],
    example: {
      records: 100, isComplete: true, outcomes: [{ code: null, records: 98 }, { code: 'MISSING_IDENTITY', records: 2 }], fields: [{ path: 'voucher', records: 40, isMapped: false }, { path: 'mail', records: 98, isMapped: true }],
      targets: [{ target: 'order.total', type: 'money', kept: 90, coerced: 0, truncated: 0, dropped: 8, empty: 2 }],
    },
  })
  coverage(@CallerOf() caller: Caller, @Body({ schema: mappingCoverageBodySchema }) body: MappingCoverageBody): Promise<MappingCoverage> {
    return coverRecords(this.admin, caller, body);
  }

  @Route({
    method: 'POST', path: 'suggestions', summary: 'Proposes targets for the fields of a sample', description: 'By name, synonym (English and Chinese) and the shape of values. Nothing is applied: put what is right into the draft.', requires: ['operate', 'mapping'],
    isResult: true, gives: suggestionsSchema, errors: ['NOT_FOUND', 'INVALID_MAPPING'],
    example: { suggestions: [{ source: 'mobile', target: 'identities.phone', value: '{{mobile}}', reason: 'synonym', because: '"mobile" is a common name for identities.phone.', confidence: 0.78 }] },
  })
  suggestions(@CallerOf() caller: Caller, @Body({ schema: mappingSuggestBodySchema }) body: MappingSuggestBody): Promise<{ suggestions: MappingSuggestion[] }> {
    return suggestForConnection(this.admin, caller, body);
  }
}
