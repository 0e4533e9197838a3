import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { customFieldChangeSchema, customFieldSchema, customFieldViewSchema, FIELD_EXAMPLE, removalQuerySchema, type CustomFieldBody, type CustomFieldChange, type CustomFieldView, type RemovalQuery } from './custom-field-bodies.js';
import { customFieldEffects } from './custom-field-effects.js';
import { addCustomField, changeCustomField, getCustomField, listCustomFields, removeCustomField } from './custom-fields.js';
import {
  addCustomEntity, changeCustomEntity, customEntityChangeSchema, customEntitySchema, customEntityViewSchema, ENTITY_EXAMPLE, listCustomEntities, removeCustomEntity, type CustomEntityBody, type CustomEntityChange, type CustomEntityView,
} from './custom-entities.js';
import {
  addCustomEvent, changeCustomEvent, customEventChangeSchema, customEventSchema, customEventViewSchema, EVENT_EXAMPLE, listCustomEvents, removeCustomEvent, type CustomEventBody, type CustomEventChange, type CustomEventView,
} from './custom-events.js';

const READS = ['read', 'dictionary'] as const;
const ADDS = ['create', 'dictionary'] as const;
const CHANGES = ['update', 'dictionary'] as const;
const REMOVES = ['delete', 'dictionary'] as const;
const AS_LEFT_OUT = 'What is left out stays.';

/** What a workspace adds to its dictionary: fields, events and entities of its own. */
@ApiTags('Dictionary')
@Controller('admin/v1/dictionary')
export class OwnVocabularyController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', path: 'custom-fields', summary: 'Lists the fields of your own', requires: READS, gives: pageOf(customFieldViewSchema), example: { items: [FIELD_EXAMPLE], nextCursor: null } })
  fields(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<CustomFieldView>> {
    return listCustomFields(this.admin, caller, query);
  }

  @Route({ method: 'POST', path: 'custom-fields', summary: 'Adds a field of your own', isOneMoment: true, requires: ADDS, status: 201, gives: customFieldViewSchema, errors: ['CONFLICT', 'NAMING_CONVENTION'], dryRun: () => [], example: FIELD_EXAMPLE })
  addField(@CallerOf() caller: Caller, @Body({ schema: customFieldSchema }) field: CustomFieldBody): Promise<CustomFieldView> {
    return addCustomField(this.admin, caller, field);
  }

  @Route({ method: 'GET', path: 'custom-fields/:id', summary: 'One field of your own', requires: READS, gives: customFieldViewSchema, errors: ['NOT_FOUND'], example: FIELD_EXAMPLE })
  field(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<CustomFieldView> {
    return getCustomField(this.admin, caller, id);
  }

  @Route({
    method: 'PUT', path: 'custom-fields/:id', summary: 'Changes a field of your own', description: `${AS_LEFT_OUT} Another name or type, values that are taken no longer, or a lower class of personal data break: say what becomes of stored values, and the dictionary gets a new major version.`,
    isOneMoment: true, requires: CHANGES, isUpdate: true, dryRun: customFieldEffects, gives: customFieldViewSchema, errors: ['CONFLICT', 'DICTIONARY_BREAKING', 'NAMING_CONVENTION'], example: { ...FIELD_EXAMPLE, version: 2, dictionaryVersion: '1.2' },
  })
  changeField(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: customFieldChangeSchema }) change: CustomFieldChange): Promise<CustomFieldView> {
    return changeCustomField(this.admin, caller, id, ifMatch, change);
  }

  @Route({
    method: 'DELETE', path: 'custom-fields/:id', summary: 'Takes a field of your own out', description: 'Refused while mappings, segments, flows, purposes or events name it.', isOneMoment: true, requires: REMOVES, isUpdate: true, dryRun: customFieldEffects, errors: ['CONFLICT', 'DICTIONARY_BREAKING'],
  })
  removeField(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Query({ schema: removalQuerySchema }) { storedValues }: RemovalQuery): Promise<void> {
    return removeCustomField(this.admin, caller, id, ifMatch, storedValues);
  }

  @Route({ method: 'GET', path: 'custom-events', summary: 'Lists the events of your own', requires: READS, gives: pageOf(customEventViewSchema), example: { items: [EVENT_EXAMPLE], nextCursor: null } })
  events(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<CustomEventView>> {
    return listCustomEvents(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'custom-events', summary: 'Adds an event of your own', description: 'Connections that quarantine unknown events take it from then on.', isOneMoment: true, requires: ADDS, status: 201, gives: customEventViewSchema, errors: ['CONFLICT', 'NAMING_CONVENTION'], dryRun: () => [], example: EVENT_EXAMPLE,
  })
  addEvent(@CallerOf() caller: Caller, @Body({ schema: customEventSchema }) event: CustomEventBody): Promise<CustomEventView> {
    return addCustomEvent(this.admin, caller, event);
  }

  @Route({ method: 'PUT', path: 'custom-events/:id', summary: 'Changes what is said of an event of your own', description: AS_LEFT_OUT, isOneMoment: true, requires: CHANGES, isUpdate: true, dryRun: () => [], gives: customEventViewSchema, errors: ['CONFLICT'], example: { ...EVENT_EXAMPLE, version: 2 } })
  changeEvent(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: customEventChangeSchema }) change: CustomEventChange): Promise<CustomEventView> {
    return changeCustomEvent(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: 'custom-events/:id', summary: 'Takes an event of your own out', description: 'Those that are stored stay. Refused while mappings, segments or flows name it.', isOneMoment: true, requires: REMOVES, isUpdate: true, dryRun: () => [], errors: ['CONFLICT'] })
  removeEvent(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return removeCustomEvent(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'GET', path: 'custom-entities', summary: 'Lists the entities of your own', requires: READS, gives: pageOf(customEntityViewSchema), example: { items: [ENTITY_EXAMPLE], nextCursor: null } })
  entities(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<CustomEntityView>> {
    return listCustomEntities(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'custom-entities', summary: 'Adds an entity of your own', description: 'Events carry one at `properties.custom.<name>`; its fields are custom fields whose `entity` is its name.', isOneMoment: true, requires: ADDS, status: 201, gives: customEntityViewSchema, errors: ['CONFLICT', 'NAMING_CONVENTION'], dryRun: () => [], example: ENTITY_EXAMPLE,
  })
  addEntity(@CallerOf() caller: Caller, @Body({ schema: customEntitySchema }) entity: CustomEntityBody): Promise<CustomEntityView> {
    return addCustomEntity(this.admin, caller, entity);
  }

  @Route({
    method: 'PUT', path: 'custom-entities/:id', summary: 'Changes what is said of an entity of your own', description: AS_LEFT_OUT, isOneMoment: true, requires: CHANGES, isUpdate: true, dryRun: () => [], gives: customEntityViewSchema, errors: ['CONFLICT', 'DICTIONARY_BREAKING'], example: { ...ENTITY_EXAMPLE, version: 2 },
  })
  changeEntity(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: customEntityChangeSchema }) change: CustomEntityChange): Promise<CustomEntityView> {
    return changeCustomEntity(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: 'custom-entities/:id', summary: 'Takes an entity of your own out', description: 'Refused while it has fields.', isOneMoment: true, requires: REMOVES, isUpdate: true, dryRun: () => [], errors: ['CONFLICT'] })
  removeEntity(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return removeCustomEntity(this.admin, caller, id, ifMatch);
  }
}
