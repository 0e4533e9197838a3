/** See `contacts-file.mjs`. */
export function contactsFile(options: { bytes: number; tooWideEvery?: number }): { chunks: AsyncGenerator<string>; made: { rows: number; tooWide: number; bytes: number } };
