import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Route } from '../http/route.js';
import { MAPPING_EXAMPLE } from './mapping-bodies.js';
import { mappingTemplates, mappingTemplatesSchema, type MappingTemplate } from './mapping-templates.js';

@ApiTags('Mappings')
@Controller('admin/v1/mappings/templates')
export class MappingTemplatesController {
  @Route({
    method: 'GET', summary: 'Ready-made mappings', description: 'For common shapes of records, each with its tests.', requires: ['read', 'mapping'], gives: mappingTemplatesSchema,
    example: { items: [{ id: 'shop-order', name: 'Order of a webshop', description: 'One order as JSON.', ...MAPPING_EXAMPLE.draft }] },
  })
  list(): { items: readonly MappingTemplate[] } {
    return { items: mappingTemplates() };
  }
}
