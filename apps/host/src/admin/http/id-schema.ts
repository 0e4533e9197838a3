import { z } from 'zod';

/** An id in a path. What is longer names nothing. */
export const idSchema = z.string().min(1).max(300);

/** An id that people choose: it stands in addresses, purposes and conditions. */
export const keySchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { error: 'must be 1 to 64 letters, digits, - or _' });

/** A channel on which people are reached, e.g. `email`. What consent calls its kinds of recipients and separate consents names no channel. */
export const channelSchema = z.string().regex(/^(?!(?:own|processor|third-party|sensitive|cross-border|minor)$)[a-z][a-z0-9-]{0,39}$/, { error: 'must be 1 to 40 small letters, digits or -, and no kind of recipient' });

/** Language tag to text. */
export const localisedSchema = z.record(z.string().regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/), z.string().min(1).max(2_000));
