import { Body, Controller, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { IfMatch } from '../http/if-match.js';
import { Route } from '../http/route.js';
import { CHANGES_EXAMPLE, changesPageSchema, changesQuerySchema, type ChangesQuery } from './change-bodies.js';
import { CHANGE_FEEDS_EXAMPLE, changeFeedsSchema, listChangeFeeds, type ChangeFeeds } from './change-feeds.js';
import { CHANGE_SETTINGS_EXAMPLE, changeSettingsBodySchema, changeSettingsViewSchema, getChangeSettings, setChangeSettings, type ChangeSettings, type ChangeSettingsView } from './change-settings.js';
import { serveChanges } from './serve-changes.js';

const example: ChangeSettingsView = { version: 2, ...CHANGE_SETTINGS_EXAMPLE, keptSince: '2026-11-24T08:00:00.000Z' };

@ApiTags('Changes')
@Controller('admin/v1')
export class ChangesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'changes', summary: 'What changes of people: profile, consent, membership and identity',
    description: 'Pages by cursor; with `Accept: text/event-stream` the same as server-sent events, `change` for each with its cursor as id, `gap` where some were kept no longer, `heartbeat`, and `end` where you may read no more. At least once, and in order for each person. Values are those of now, masked by your role.',
    requires: ['read', 'profile'], isAudited: true, isResult: true, gives: changesPageSchema, errors: ['CHANGES_NOT_KEPT', 'CHANGES_EXPIRED', 'RATE_LIMITED'], example: CHANGES_EXAMPLE,
  })
  changes(@CallerOf() caller: Caller, @Query({ schema: changesQuerySchema }) query: ChangesQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    return serveChanges(this.admin, caller, query, request, response);
  }

  @Route({ method: 'GET', path: 'change-settings', summary: 'Whether changes of people are kept for those who follow them', requires: ['read', 'changeFeed'], gives: changeSettingsViewSchema, example })
  getSettings(@CallerOf() caller: Caller): Promise<ChangeSettingsView> {
    return getChangeSettings(this.admin, caller);
  }

  @Route({
    method: 'GET', path: 'change-feeds', summary: 'How far the webhooks have come that are told of changes', description: 'Of those in the change settings. `failingSince` is since when the next message was not taken.',
    requires: ['read', 'changeFeed'], gives: changeFeedsSchema, example: CHANGE_FEEDS_EXAMPLE,
  })
  feeds(@CallerOf() caller: Caller): Promise<ChangeFeeds> {
    return listChangeFeeds(this.admin, caller);
  }

  @Route({
    method: 'PUT', path: 'change-settings', summary: 'Sets whether changes of people are kept, and for how long', description: 'Off, nothing is written. Switched on again it begins anew: older cursors lead nowhere.',
    requires: ['update', 'changeFeed'], isUpdate: true, gives: changeSettingsViewSchema, example,
  })
  setSettings(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Body({ schema: changeSettingsBodySchema }) settings: ChangeSettings): Promise<ChangeSettingsView> {
    return setChangeSettings(this.admin, caller, ifMatch, settings);
  }
}
