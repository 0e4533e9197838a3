import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import type { IdentityQuery } from '../http/identity-body.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { confirmRecipient, confirmRecipientSchema, type ConfirmRecipient } from '../removals/confirm-by-hand.js';
import { Route } from '../http/route.js';
import { erasureSchema, type ErasureView } from './erasure-view.js';
import { certificateSchema, erasureQuerySchema, getCertificate, getErasure, getListed, heldDataSchema, listedSchema, type ErasureQuery, type Listed, liftedSchema, liftSchema, liftTombstone, listErasures, listHeldData, type Certificate, type HeldData, type Lifted } from './erasures.js';

const example: ErasureView = {
  id: 'e-1', requestId: 'r-1', startedAt: '2026-11-24T08:00:00.000Z', removedAt: '2026-11-24T08:00:02.000Z', finishedAt: null, counts: { profiles: 1, events: 42, rawRecords: 17, consents: 3 },
  held: [{ category: 'order', reason: 'Tax law: books are kept for ten years', until: '2036-12-31T00:00:00.000Z', rows: 2 }],
  recipients: [{ connectionId: 'crm', action: 'upsert-contact', name: 'Our CRM', kind: 'processor', country: 'DE', status: 'pending', reason: null, at: '2026-11-24T08:00:00.000Z', byHand: null }],
};
const held: HeldData = { id: 'h-1', category: 'order', heldAt: '2026-11-24T08:00:01.000Z', record: { name: 'Order Completed', occurredAt: 1_795_507_200_000, order: { orderId: 'o-42' } } };

@ApiTags('Privacy')
@Controller('admin/v1/erasures')
export class ErasuresController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Lists erasures', description: 'One begins when a request of the kind `erasure` is started. None of them names its person. `manual=true`: those of which recipients have to be asked by hand.', requires: ['read', 'privacyRequest'], isResult: true,
    gives: pageOf(erasureSchema), example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: erasureQuerySchema }) query: ErasureQuery): Promise<Page<ErasureView>> {
    return listErasures(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'lift', summary: 'Lets an identity in again whose person was erased', description: 'For somebody who has come back themself: nothing of before returns. Each identity is lifted by itself.', requires: ['operate', 'privacyRequest'], status: 200,
    isResult: true, gives: liftedSchema, example: { isLifted: true },
  })
  lift(@CallerOf() caller: Caller, @Body({ schema: liftSchema }) body: { identity: IdentityQuery }): Promise<Lifted> {
    return liftTombstone(this.admin, caller, body);
  }

  @Route({ method: 'GET', path: ':id', summary: 'How far an erasure is', requires: ['read', 'privacyRequest'], isResult: true, gives: erasureSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ErasureView> {
    return getErasure(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: ':id/listed', summary: 'What lists that left as files call an erased person', description: 'For each recipient that has to be asked by hand: the ids (column `profileId`) under which the person is in its list. Random, and gone once the recipient has confirmed.', requires: ['operate', 'privacyRequest'], isAudited: true, isResult: true,
    gives: listedSchema, errors: ['NOT_FOUND'], example: { id: 'e-1', recipients: [{ connectionId: 'partner', action: 'list-export', name: 'Our partner', profileIds: ['p-1'] }] },
  })
  listed(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<Listed> {
    return getListed(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: ':id/recipients/confirm', summary: 'Notes that a recipient has removed what no machine could make it remove', description: 'Of one that is `manual`, `cannot-erase` or `failed`. Who, when and the note stand in the certificate.', requires: ['operate', 'privacyRequest'], status: 200, isResult: true,
    gives: erasureSchema, errors: ['NOT_FOUND', 'CONFLICT'], example,
  })
  confirm(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: confirmRecipientSchema }) body: ConfirmRecipient): Promise<ErasureView> {
    return confirmRecipient(this.admin, caller, id, body);
  }

  @Route({
    method: 'GET', path: ':id/certificate', summary: 'The signed certificate of an erasure', description: 'Verifies with the public keys at `/.well-known/jwks.json`. Read it again when recipients have answered.', requires: ['read', 'privacyRequest'], isResult: true,
    gives: certificateSchema, errors: ['NOT_FOUND', 'CONFLICT'],
    example: { id: 'e-1', jws: 'eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiJlLTEifQ.c2lnbmF0dXJl', content: { jti: 'e-1', removedAt: '2026-11-24T08:00:02.000Z' } },
  })
  certificate(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<Certificate> {
    return getCertificate(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: ':id/held-data', summary: 'What a law obliges to keep of an erased person', description: 'Facts without whose they were.', requires: ['read', 'heldData'], isAudited: true, gives: pageOf(heldDataSchema), errors: ['NOT_FOUND'],
    example: { items: [held], nextCursor: null },
  })
  heldData(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<HeldData>> {
    return listHeldData(this.admin, caller, id, query);
  }
}
