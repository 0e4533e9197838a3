import { Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { JSONWebKeySet } from '@firsthand/access';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { Route } from '../http/route.js';

const jwksSchema = z.object({
  keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string(), use: z.literal('sig'), alg: z.literal('EdDSA') })),
}).meta({ id: 'JsonWebKeySet', description: 'RFC 7517.' });

/** The public key that verifies checkpoints and receipts. */
@ApiTags('Evidence')
@Controller('.well-known')
export class JwksController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'jwks.json', summary: 'The public keys that verify what this host signs', description: 'Checkpoints of the evidence, and receipts of consents. Keep a copy: what was signed is verified with it, also when the host is gone.',
    requires: { publicBecause: 'a public key is for everybody' }, gives: jwksSchema,
    example: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', use: 'sig', alg: 'EdDSA' }] },
  })
  get(): JSONWebKeySet {
    return this.admin.signer.jwks;
  }
}
