import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { userTokenRefusal } from '@firsthand/access';
import { FirsthandError, NAMESPACES, type Identity } from '@firsthand/domain';
import { readChannelView, type ChannelView } from '@firsthand/pipeline';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PublicRoute } from '../boot/public-route.js';
import { connectionOfToken } from './connection-of-token.js';
import { ApiAnswer, ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';

const time = z.iso.datetime();
const meSchema = z.object({
  isKnown: z.boolean().meta({ description: 'Whether the id in the token names anybody. What only a public key has said of somebody who is known by verified records names nobody.' }),
  version: z.int().meta({ description: 'Grows with each change of the person.' }),
  purpose: z.string().nullable().meta({ description: 'What the channel reads under: `profilePurpose` of its connection.' }),
  isAllowed: z.boolean(), reason: z.string().meta({ description: 'Why traits and memberships are there, or are not.' }),
  traits: z.record(z.string(), z.unknown()).meta({ description: 'What the purpose covers of the profile.' }),
  memberships: z.array(z.object({ segmentId: z.string(), name: z.string(), since: time })).meta({ description: 'Segments made for that purpose that the person is in.' }),
  consents: z.array(z.object({ purpose: z.string(), scope: z.string().meta({ description: 'A kind of recipient, or what the purpose wants a consent of its own for.' }), isAllowed: z.boolean(), reason: z.string(), validUntil: time.nullable() })),
}).meta({ id: 'Me' });
type Me = z.infer<typeof meSchema>;

const example: Me = {
  isKnown: true, version: 12, purpose: 'personalisation', isAllowed: true, reason: 'consent-granted', traits: { firstName: 'Ana', custom: { shoeSize: 38 } },
  memberships: [{ segmentId: 'gold-members', name: 'Gold members', since: '2026-11-20T09:00:00.000Z' }],
  consents: [{ purpose: 'personalisation', scope: 'own', isAllowed: true, reason: 'consent-granted', validUntil: '2027-11-20T09:00:00.000Z' }],
};

/** What a page, app or mini-program may know of who is signed in, in one round trip. */
@ApiTags('Channels')
@ApiBearerAuth('user-token')
@PublicRoute('the user token, signed by the brand\'s own server, is the credential')
@Controller('v1')
export class MeController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Get('me')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'What this channel may know of the person who is signed in',
    description: 'The token is a JWT that your own server signs with HS256 and a key of the connection (`POST /admin/v1/connections/{id}/user-token-keys`): `kid` in its header, `aud` the connection (in a list, the only one there that takes user tokens), `sub` the person\'s id, a string, `ns` its namespace where it is not `userId`, `iat` and `exp` at most a day apart.',
  })
  @ApiAnswer(meSchema, { description: 'Traits and memberships under the channel\'s purpose, and what the person has decided.', example })
  @ApiProblems(401, 403, 429, 503)
  async me(@Req() request: FastifyRequest): Promise<Me> {
    const { configuration: snapshot, userTokens, limiter, store, clock } = this.plane;
    const token = bearerOf(request);
    const { workspaceId, configuration, connection, isOneOfSeveral } = connectionOfToken(snapshot, userTokens.namedIn(token));
    const { connectionId } = connection;
    const identity = canonical(await userTokens.open(token, { workspaceId, connectionId }, connection.userTokenKeys ?? []));
    if (isOneOfSeveral) throw userTokenRefusal('`aud` names more than one connection that takes user tokens: sign one for each.');
    if (connection.status !== 'enabled') throw new FirsthandError('CONNECTION_DISABLED');
    limiter.take(`me ${workspaceId} ${connectionId}`, 1);
    return shown(await readChannelView(store, { configuration, connection, identity, now: clock() }));
  }
}

function bearerOf({ headers: { authorization = '' } }: FastifyRequest): string {
  const [scheme = '', token = ''] = authorization.split(' ', 2);
  return scheme.toLowerCase() === 'bearer' ? token : '';
}

/** The spelling under which the person is stored. */
function canonical({ namespace, value }: Identity): Identity {
  const normal = NAMESPACES.get(namespace)?.normalise(value, {}) ?? null;
  if (normal === null) throw new FirsthandError('UNAUTHENTICATED', 'The user token names nobody.');
  return { namespace, value: normal };
}

function shown({ memberships, consents, ...view }: ChannelView): Me {
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    ...view, memberships: memberships.map((membership) => ({ ...membership, since: iso(membership.since) })),
    consents: consents.map((consent) => ({ ...consent, validUntil: consent.validUntil === null ? null : iso(consent.validUntil) })),
  };
}
