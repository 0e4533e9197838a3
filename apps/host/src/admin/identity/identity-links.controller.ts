import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  decideLink, getIdentityLink, linkQuerySchema, linkSchema, listIdentityLinks, reviewedLinkSchema, settleLinks, settleLinksSchema, type LinkQuery, type LinkView, type ReviewedLinkView, type SettleLinks,
} from './identity-links.js';

const example: LinkView = {
  id: 'l5hW…', state: 'pending', ends: [{ namespace: 'memberNo', value: 'M000731', profileId: 'p-2' }, { namespace: 'phone', value: '139****5678', profileId: 'p-1' }],
  reason: 'too-many-of-namespace', namespace: 'memberNo', limit: 1, isJoined: false, connectionId: 'store', eventId: 'e-1', heldAt: '2026-11-24T08:00:00.000Z', decidedAt: null, isByPriority: false,
};
/** The phone is held for a member, and was given to one of whom a till told later. */
const reviewed: ReviewedLinkView = {
  ...example, review: {
    isJoined: true, joins: [{ ends: example.ends, namedAt: '2026-11-20T08:00:00.000Z' }],
    givesWay: [{ ends: [{ namespace: 'memberNo', value: 'M000688', profileId: 'p-1' }, { namespace: 'phone', value: '139****5678', profileId: 'p-1' }], namedAt: '2026-11-22T08:00:00.000Z', reason: 'too-many-of-namespace', namespace: 'memberNo', limit: 1 }],
    version: 'c6Yk…',
  },
};
const settled = { isJoined: true, joins: [], givesWay: [], version: 'u1Qa…' };

@ApiTags('Identity')
@Controller('admin/v1/identity-links')
export class IdentityLinksController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Links between people that a limit held back', description: 'The longest waiting first. The records that named both are applied already, to the person of the stronger identity.',
    requires: ['read', 'identity'], isAudited: true, gives: pageOf(linkSchema), example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: linkQuerySchema }) query: LinkQuery): Promise<Page<LinkView>> {
    return listIdentityLinks(this.admin, caller, query);
  }

  @Route({
    method: 'GET', path: ':id', summary: 'One held link, and what all links come to',
    description: 'It is weighed against all links that hang together with it, joined ones too, by the fixed priority whenever each came: `review` says whether it has its place, and which weaker ones would give way.',
    requires: ['read', 'identity'], isAudited: true, gives: reviewedLinkSchema, errors: ['NOT_FOUND'], example: reviewed,
  })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ReviewedLinkView> {
    return getIdentityLink(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: ':id/accept', summary: 'Says that both are one person', description: 'A merge like any other: segments and audiences follow, the journal keeps both as they were, and `POST /admin/v1/profiles/:id/unmerge` takes it back.',
    requires: ['operate', 'identity'], status: 200, gives: reviewedLinkSchema, errors: ['NOT_FOUND', 'LINK_DECIDED'], example: { ...example, state: 'accepted', isJoined: true, decidedAt: '2026-11-24T09:00:00.000Z', review: settled },
  })
  accept(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ReviewedLinkView> {
    return decideLink(this.admin, caller, id, 'accepted');
  }

  @Route({
    method: 'POST', path: ':id/reject', summary: 'Says that they are not', description: 'The person of the stronger identity knows the other as not their own: records that name both are applied to them without it, and nobody is asked again.',
    requires: ['operate', 'identity'], status: 200, gives: reviewedLinkSchema, errors: ['NOT_FOUND', 'LINK_DECIDED', 'LINK_JOINED'], example: { ...example, state: 'rejected', decidedAt: '2026-11-24T09:00:00.000Z', review: null },
  })
  reject(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ReviewedLinkView> {
    return decideLink(this.admin, caller, id, 'rejected');
  }

  @Route({
    method: 'POST', path: ':id/settle', summary: 'Puts people as all their links say',
    description: 'Takes what `review` of the link proposes, whole and at once: weaker links that came first give way and wait from then on, each with its own consents, segments and audiences again, and those that have their place are joined. Asked again, it changes nothing; accepting what gave way, or an unmerge, takes it back.',
    requires: ['operate', 'identity'], status: 200, gives: reviewedLinkSchema, errors: ['NOT_FOUND', 'LINK_DECIDED', 'LINKS_TOO_MANY', 'CONFLICT'],
    example: { ...example, state: 'accepted', isJoined: true, decidedAt: '2026-11-24T09:00:00.000Z', isByPriority: true, review: settled },
  })
  settle(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: settleLinksSchema }) body: SettleLinks): Promise<ReviewedLinkView> {
    return settleLinks(this.admin, caller, id, body);
  }
}
