import { PASSWORD_LENGTH } from '@firsthand/access';
import { z } from 'zod';
import { rolesSchema } from '../roles/permissions-of.js';

const time = z.iso.datetime();
const email = z.email().max(254);
const language = z.string().min(2).max(35).default('en').meta({ description: 'Of the notice, BCP 47.' });

export const passwordSchema = z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max);
export const invitationSchema = z.strictObject({ email, name: z.string().min(1).max(200), roles: rolesSchema, language })
  .meta({ id: 'Invitation', examples: [{ email: 'marketing@example.com', name: 'Marketing team', roles: ['marketer'], language: 'en' }] });
export type InvitationBody = z.infer<typeof invitationSchema>;
export const resetSchema = z.strictObject({ email, workspaceId: z.string().min(1).max(100).optional(), language }).meta({ id: 'PasswordReset', examples: [{ email: 'marketing@example.com' }] });
export type ResetBody = z.infer<typeof resetSchema>;
export const takeTokenSchema = z.strictObject({ token: z.string().min(1).max(500), password: passwordSchema }).meta({ id: 'TakeToken', examples: [{ token: 'bWFpbg.…', password: 'correct horse battery' }] });
export type TakeTokenBody = z.infer<typeof takeTokenSchema>;

export const handedSchema = z.object({ id: z.string(), expiresAt: time, link: z.string().nullable().meta({ description: 'Null when it was sent. Where no way to send it is configured: hand it over yourself; it is shown this once.' }) }).meta({ id: 'HandedLink' });
export interface HandedView { id: string; expiresAt: string; link: string | null }
export const HANDED_EXAMPLE: HandedView = { id: 'Zk3v…', expiresAt: '2026-11-27T08:00:00.000Z', link: null };

export const doneSchema = z.object({ userId: z.string(), workspaceId: z.string() }).meta({ id: 'AccountOpened' });
export type Done = z.infer<typeof doneSchema>;
export const DONE_EXAMPLE: Done = { userId: 'u-1', workspaceId: 'main' };

export const accountSchema = z.object({ id: z.string(), email: z.string(), name: z.string(), roles: z.array(z.string()) }).meta({ id: 'Account' });
export type AccountView = z.infer<typeof accountSchema>;
export const openSessionSchema = z.object({ id: z.string(), isCurrent: z.boolean(), createdAt: time, expiresAt: time }).meta({ id: 'OpenSession' });
export type OpenSession = z.infer<typeof openSessionSchema>;
