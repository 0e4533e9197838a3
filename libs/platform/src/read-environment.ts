import { FirsthandError, nearestName, type ErrorPlace } from '@firsthand/domain';
import { z } from 'zod';

/** What a process of the host does. `ingest` takes data in, `admin` serves the REST API and the pages, `worker` applies and delivers. */
export const HOST_ROLES = ['ingest', 'admin', 'worker'] as const;
export type HostRole = (typeof HOST_ROLES)[number];

/** The environment, read once at boot. */
export interface Environment {
  port: number;
  host: string;
  mongodbUri: string;
  /** Overrides the database that the URI names. */
  database: string | undefined;
  redisUrl: string;
  roles: ReadonlySet<HostRole>;
  /** 32 bytes: encrypts stored connector secrets. */
  secretKey: Buffer;
  /** 32 bytes: the private key that signs checkpoints; undefined where it is derived from the secret key. */
  signingKey: Buffer | undefined;
  /** Where the heads of the evidence chains are told, and how often. */
  checkpoints: { file: string | undefined; url: string | undefined; everySeconds: number };
  /** PEM files of the certificate that signs what OpenDSR answers, and of its key; undefined: the host's own key signs. */
  openDsr: { certificateFile: string; keyFile: string } | undefined;
  /** Days after which neither a backup nor the oplog holds what was deleted. */
  backupDays: number;
  /** Days for which records that could not be used, and deliveries that have ended, are kept; 0 is for ever. */
  quarantineDays: number;
  deliveryDays: number;
  /** Signs the tokens of the admin plane. */
  tokenSecret: string;
  /** Where the outside reaches this host, without a slash at the end. */
  publicUrl: string;
  allowPrivateDestinations: boolean;
  /** Reverse proxies in front of this host: that many entries at the end of X-Forwarded-For are believed. */
  trustedProxies: number;
  /** Events per second that one public write key may send to one process; 0 is no limit. */
  publicKeyEventsPerSecond: number;
  /** npm packages to load as plugins besides the ones that come along. */
  plugins: readonly string[];
  /** Where to write the first owner's password, once, on an empty database. */
  firstRunFile: string | undefined;
  /** How people are told of invitations, new passwords and codes; undefined: not at all. */
  smtpUrl: string | undefined;
  mailFrom: string | undefined;
  notifyWebhookUrl: string | undefined;
  notifyWebhookSecret: string | undefined;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
}

const SECRET_KEY_BYTES = 32;
const flag = z.enum(['true', 'false', '1', '0'], { error: 'must be true or false' }).default('false').transform((text) => text === 'true' || text === '1');
const count = (most: number, preset: number, least = 0) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int(error).min(least, error).max(most, error).default(preset);
};
const names = z.string().transform((text) => text.split(',').map((name) => name.trim()).filter((name) => name !== ''));
/** A regular expression, as a replica set names several hosts, which no URL parser takes. */
const serverUrl = (pattern: RegExp, example: string) =>
  z.string({ error: `is not set; it looks like ${example}` }).regex(pattern, `must look like ${example}`);

const NO_KEY = `must be ${SECRET_KEY_BYTES} bytes in base64; make one with: openssl rand -base64 ${SECRET_KEY_BYTES}`;
const key32 = z
  .base64({ error: (issue) => (issue.input === undefined ? 'is not set; make one with: openssl rand -base64 32' : NO_KEY) })
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((key) => key.length === SECRET_KEY_BYTES, NO_KEY);

const environmentSchema = z.object({
  PORT: count(65_535, 3_000),
  HOST: z.string().default('127.0.0.1'),
  MONGODB_URI: serverUrl(/^mongodb(?:\+srv)?:\/\/\S+$/, 'mongodb://127.0.0.1:27017/firsthand?replicaSet=rs0'),
  FIRSTHAND_DATABASE: z.string().regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, - or _').optional(),
  REDIS_URL: serverUrl(/^rediss?:\/\/\S+$/, 'redis://127.0.0.1:6379'),
  FIRSTHAND_ROLES: names.pipe(z.array(z.enum(HOST_ROLES, { error: `must be a comma-separated list of ${HOST_ROLES.join(', ')}` })).min(1, 'must name at least one role')).optional(),
  FIRSTHAND_SECRET_KEY: key32,
  FIRSTHAND_SIGNING_KEY: key32.optional(),
  FIRSTHAND_CHECKPOINT_FILE: z.string().optional(),
  FIRSTHAND_CHECKPOINT_URL: z.url({ protocol: /^https?$/, error: 'must look like https://keeper.example.com/checkpoints' }).optional(),
  FIRSTHAND_CHECKPOINT_SECONDS: count(86_400, 60, 1),
  FIRSTHAND_OPENDSR_CERTIFICATE_FILE: z.string().optional(),
  FIRSTHAND_OPENDSR_KEY_FILE: z.string().optional(),
  FIRSTHAND_BACKUP_DAYS: count(3_650, 35),
  FIRSTHAND_QUARANTINE_DAYS: count(36_500, 30),
  FIRSTHAND_DELIVERY_DAYS: count(36_500, 400),
  FIRSTHAND_TOKEN_SECRET: z
    .string({ error: 'is not set; make one with: openssl rand -base64 32' })
    .min(32, 'must be at least 32 characters; make one with: openssl rand -base64 32'),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must look like https://data.example.com' }).transform((text) => text.replace(/\/+$/, '')).optional(),
  FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS: flag,
  FIRSTHAND_TRUSTED_PROXIES: count(10, 0),
  FIRSTHAND_PUBLIC_KEY_EVENTS_PER_SECOND: count(1_000_000, 2_000),
  FIRSTHAND_PLUGINS: names.default([]),
  FIRSTHAND_FIRST_RUN_FILE: z.string().optional(),
  FIRSTHAND_SMTP_URL: z.string().regex(/^smtps?:\/\/\S+$/, 'must look like smtp://user:password@mail.example.com:587').optional(),
  FIRSTHAND_MAIL_FROM: z.string().regex(/^[^\r\n]*[^\s@]+@[^\s@]+$|^[^\r\n]*<[^\s@]+@[^\s@]+>$/, 'must look like Acme <no-reply@example.com>').optional(),
  FIRSTHAND_NOTIFY_WEBHOOK_URL: z.url({ protocol: /^https?$/, error: 'must look like https://notices.example.com/' }).optional(),
  FIRSTHAND_NOTIFY_WEBHOOK_SECRET: z.string().min(16, 'must be at least 16 characters').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { error: 'must be one of fatal, error, warn, info, debug, trace, silent' }).default('info'),
});

/**
 * Reads and checks the environment. A variable that is set but empty counts as not set. Values never stand in the message: some are secrets.
 *
 * @throws FirsthandError `INVALID_ENVIRONMENT`, with one line per wrong variable.
 * @example const environment = readEnvironment(process.env);
 */
export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const result = environmentSchema.safeParse(given);
  const misspelled = misspelledNames(Object.keys(given));
  if (!result.success || misspelled.length > 0) {
    const places = [...(result.error?.issues ?? []).map((issue) => ({ path: String(issue.path[0]), message: issue.message })), ...misspelled];
    throw new FirsthandError('INVALID_ENVIRONMENT', places.map(({ path, message }) => `${path} ${message}`).join('\n'), places);
  }
  const read = result.data;
  // Half a way to send notices would be found out by who waits for one, a certificate without its key by who verifies.
  const halves = [['FIRSTHAND_SMTP_URL', 'FIRSTHAND_MAIL_FROM'], ['FIRSTHAND_NOTIFY_WEBHOOK_URL', 'FIRSTHAND_NOTIFY_WEBHOOK_SECRET'], ['FIRSTHAND_OPENDSR_CERTIFICATE_FILE', 'FIRSTHAND_OPENDSR_KEY_FILE']] as const;
  const half = halves.find(([one, other]) => (read[one] === undefined) !== (read[other] === undefined));
  if (half !== undefined) throw new FirsthandError('INVALID_ENVIRONMENT', `${half.join(' and ')} go together`, half.map((path) => ({ path, message: 'goes together with the other' })));
  return {
    port: read.PORT,
    host: read.HOST,
    mongodbUri: read.MONGODB_URI,
    database: read.FIRSTHAND_DATABASE,
    redisUrl: read.REDIS_URL,
    roles: new Set(read.FIRSTHAND_ROLES ?? HOST_ROLES),
    secretKey: read.FIRSTHAND_SECRET_KEY,
    signingKey: read.FIRSTHAND_SIGNING_KEY,
    checkpoints: { file: read.FIRSTHAND_CHECKPOINT_FILE, url: read.FIRSTHAND_CHECKPOINT_URL, everySeconds: read.FIRSTHAND_CHECKPOINT_SECONDS },
    openDsr: read.FIRSTHAND_OPENDSR_CERTIFICATE_FILE === undefined || read.FIRSTHAND_OPENDSR_KEY_FILE === undefined ? undefined : { certificateFile: read.FIRSTHAND_OPENDSR_CERTIFICATE_FILE, keyFile: read.FIRSTHAND_OPENDSR_KEY_FILE },
    backupDays: read.FIRSTHAND_BACKUP_DAYS,
    quarantineDays: read.FIRSTHAND_QUARANTINE_DAYS,
    deliveryDays: read.FIRSTHAND_DELIVERY_DAYS,
    tokenSecret: read.FIRSTHAND_TOKEN_SECRET,
    publicUrl: read.PUBLIC_URL ?? `http://127.0.0.1:${read.PORT}`,
    allowPrivateDestinations: read.FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS,
    trustedProxies: read.FIRSTHAND_TRUSTED_PROXIES,
    publicKeyEventsPerSecond: read.FIRSTHAND_PUBLIC_KEY_EVENTS_PER_SECOND,
    plugins: read.FIRSTHAND_PLUGINS,
    firstRunFile: read.FIRSTHAND_FIRST_RUN_FILE,
    smtpUrl: read.FIRSTHAND_SMTP_URL,
    mailFrom: read.FIRSTHAND_MAIL_FROM,
    notifyWebhookUrl: read.FIRSTHAND_NOTIFY_WEBHOOK_URL,
    notifyWebhookSecret: read.FIRSTHAND_NOTIFY_WEBHOOK_SECRET,
    logLevel: read.LOG_LEVEL,
  };
}

/** One letter wrong in a name, and its default would be in force without a word. What others set is passed over, as Kubernetes does for a service that is called firsthand. */
function misspelledNames(names: readonly string[]): ErrorPlace[] {
  const known = Object.keys(environmentSchema.shape);
  return names.filter((name) => !known.includes(name)).flatMap((name) => {
    const meant = name.startsWith('FIRSTHAND_') ? nearestName(name, known) : undefined;
    return meant === undefined ? [] : [{ path: name, message: `is not known; the name is ${meant}` }];
  });
}
