import mongoose from 'mongoose';
import { NULLABLE_NUMBER, NULLABLE_TEXT, NUMBER, OPEN, TEXT, storedSchema } from './stored-schema.js';

const WHEN = { type: Date, required: true } as const;

/** Copies of everything about a person, and their files in packed chunks. */
export const EXPORT_SCHEMAS = {
  personExports: storedSchema(
    {
      profileId: TEXT, requestId: NULLABLE_TEXT, language: TEXT, createdAt: NUMBER, state: TEXT, dueAt: NULLABLE_NUMBER, fence: NUMBER, attempt: NUMBER, files: [OPEN], linkHash: NULLABLE_TEXT, noticedAt: NULLABLE_NUMBER,
      expireAt: WHEN,
    },
    [{ fields: { dueAt: 1 }, partial: { dueAt: { $gt: 0 } } }, { fields: { workspaceId: 1, profileId: 1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 }],
  ),
  personExportChunks: storedSchema(
    { profileId: TEXT, data: { type: mongoose.Schema.Types.Buffer, required: true }, expireAt: WHEN },
    [{ fields: { workspaceId: 1, profileId: 1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 }],
  ),
};
