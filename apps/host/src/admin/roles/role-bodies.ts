import { ACTIONS, BUILT_IN_PERMISSIONS, BUILT_IN_ROLES, SUBJECTS, type BuiltInRole, type Permission } from '@firsthand/access';
import { z } from 'zod';
import { keySchema } from '../http/id-schema.js';

const texts = z.array(z.string().min(1).max(200));
const permissionSchema = z.strictObject({
  actions: z.array(z.enum(ACTIONS)).min(1), subjects: z.array(z.enum(SUBJECTS)).min(1),
  fields: texts.min(1).max(200).optional().meta({ description: 'Only these fields; a name covers all below it. Of `personalData` the fields are PII classes.' }),
  conditions: z.record(z.string().max(50), texts.min(1).max(500)).optional().meta({ description: 'Only rows whose value is listed, for each name.' }),
});

const fields = { name: z.string().min(1).max(200), description: z.string().max(2_000).default(''), permissions: z.array(permissionSchema).min(1).max(200) };
const EXAMPLE = {
  name: 'Support', description: 'Finds a customer by phone and sees where they live, masked.',
  permissions: [{ actions: ['read' as const], subjects: ['profile' as const], fields: ['identities', 'traits.city'] }, { actions: ['read' as const], subjects: ['delivery' as const], conditions: { connectionId: ['crm'] } }],
};
export const newRoleSchema = z.strictObject({ id: keySchema, ...fields }).meta({ id: 'NewRole', examples: [{ id: 'support', ...EXAMPLE }] });
export type NewRole = z.infer<typeof newRoleSchema>;
export const roleChangeSchema = z.strictObject(fields).partial().meta({ id: 'RoleChange', examples: [{ description: 'Finds a customer by phone.' }] });
export type RoleChange = z.infer<typeof roleChangeSchema>;

export const roleSchema = z.object({ id: z.string(), version: z.int(), ...fields }).meta({ id: 'Role' });
export interface RoleView { id: string; version: number; name: string; description: string; permissions: readonly Permission[] }
export const ROLE_EXAMPLE: RoleView = { id: 'support', version: 1, ...EXAMPLE };

export const roleGrammarSchema = z.object({
  actions: z.array(z.string()), subjects: z.array(z.object({ subject: z.string(), fields: z.array(z.string()), conditions: z.array(z.string()) })),
  builtIn: z.array(z.object({ id: z.string(), permissions: z.array(permissionSchema) })),
}).meta({ id: 'RoleGrammar' });
export interface RoleGrammar {
  actions: readonly string[];
  subjects: { subject: string; fields: string[]; conditions: readonly string[] }[];
  builtIn: { id: BuiltInRole; permissions: readonly Permission[] }[];
}
export const BUILT_IN: RoleGrammar['builtIn'] = BUILT_IN_ROLES.map((id) => ({ id, permissions: BUILT_IN_PERMISSIONS[id] }));
