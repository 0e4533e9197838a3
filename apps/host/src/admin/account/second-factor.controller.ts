import { Body, Controller, Inject, Ip } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { Route } from '../http/route.js';
import { confirmSchema, confirmSecondFactor, enrolledSchema, enrolSchema, enrolSecondFactor, recoverySchema, removeSchema, removeSecondFactor, type Enrolled, type RecoveryCodes } from './second-factors.js';

const ERRORS = ['NOT_FOUND', 'CONFLICT', 'RATE_LIMITED'] as const;

@ApiTags('Users')
@Controller('admin/v1/account/second-factor')
export class SecondFactorController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', summary: 'Begins a second factor for your account', description: 'Put the secret into an authenticator app (RFC 6238); it is shown this once. In force when a code is confirmed.', requires: ['update', 'ownAccount'], status: 201,
    isResult: true, gives: enrolledSchema, errors: ERRORS, example: { secret: 'GEZDGNBVGY3TQOJQ…', otpauthUrl: 'otpauth://totp/Firsthand%20Main:ana%40example.com?secret=…' },
  })
  enrol(@CallerOf() caller: Caller, @Body({ schema: enrolSchema }) { password }: { password: string }, @Ip() address: string): Promise<Enrolled> {
    return enrolSecondFactor(this.admin, caller, password, address);
  }

  @Route({
    method: 'POST', path: 'confirm', summary: 'Puts the second factor in force', description: 'The recovery codes are shown this once; each is good for one login.', requires: ['update', 'ownAccount'], isResult: true, gives: recoverySchema, errors: ERRORS,
    example: { recoveryCodes: ['3f9a1-…'] },
  })
  confirm(@CallerOf() caller: Caller, @Body({ schema: confirmSchema }) { code }: { code: string }, @Ip() address: string): Promise<RecoveryCodes> {
    return confirmSecondFactor(this.admin, caller, code, address);
  }

  @Route({ method: 'POST', path: 'remove', summary: 'Takes the second factor of your account away', requires: ['delete', 'ownAccount'], errors: ERRORS })
  remove(@CallerOf() caller: Caller, @Body({ schema: removeSchema }) body: { password: string; code: string }, @Ip() address: string): Promise<void> {
    return removeSecondFactor(this.admin, caller, body, address);
  }
}
