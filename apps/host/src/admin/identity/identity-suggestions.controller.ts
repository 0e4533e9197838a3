import { Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { decideSuggestion, getSuggestion, listSuggestions, suggestionQuerySchema, suggestionSchema, type SuggestionQuery, type SuggestionView } from './identity-suggestions.js';

const example: SuggestionView = {
  id: 'q8Zk…', state: 'open', probability: 0.983,
  people: [
    { profileId: 'p-1', isThere: true, values: { name: ['王**'], birthday: ['***'], phone: ['139****5678'] } },
    { profileId: 'p-2', isThere: true, values: { firstName: ['X**'], lastName: ['W**'], birthday: ['***'], phone: ['139****5687'] } },
  ],
  rival: 'other', weights: [{ field: 'name', level: 'sameSound', weight: 7.4 }, { field: 'birthday', level: 'same', weight: 13.9 }, { field: 'phone', level: 'near', weight: 10.2 }],
  suggestedAt: '2026-11-24T08:00:00.000Z', seenAt: '2026-11-25T08:00:00.000Z', decidedAt: null,
};

@ApiTags('Identity')
@Controller('admin/v1/identity-suggestions')
export class IdentitySuggestionsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Profiles that may be one person’s', description: 'The most likely first. Nothing follows from a suggestion until somebody has decided on it.',
    requires: ['read', 'identity'], isAudited: true, gives: pageOf(suggestionSchema), example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: suggestionQuerySchema }) query: SuggestionQuery): Promise<Page<SuggestionView>> {
    return listSuggestions(this.admin, caller, query);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One suggestion', requires: ['read', 'identity'], isAudited: true, gives: suggestionSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<SuggestionView> {
    return getSuggestion(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: ':id/accept', summary: 'Says that both are one person', description: 'A merge like any other: segments and audiences follow, the journal keeps both as they were, and `POST /admin/v1/profiles/:id/unmerge` takes it back. Two that were taken apart are not suggested again.',
    requires: ['operate', 'identity'], status: 200, gives: suggestionSchema, errors: ['NOT_FOUND', 'SUGGESTION_DECIDED', 'SUGGESTION_OUTDATED'], example: { ...example, state: 'accepted', decidedAt: '2026-11-25T09:00:00.000Z' },
  })
  accept(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<SuggestionView> {
    return decideSuggestion(this.admin, caller, id, 'accepted');
  }

  @Route({
    method: 'POST', path: ':id/reject', summary: 'Says that they are not', description: 'The two are not suggested again. A verified record that names both still joins them.',
    requires: ['operate', 'identity'], status: 200, gives: suggestionSchema, errors: ['NOT_FOUND', 'SUGGESTION_DECIDED', 'SUGGESTION_OUTDATED'], example: { ...example, state: 'rejected', decidedAt: '2026-11-25T09:00:00.000Z' },
  })
  reject(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<SuggestionView> {
    return decideSuggestion(this.admin, caller, id, 'rejected');
  }
}
