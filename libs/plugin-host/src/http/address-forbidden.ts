import { FirsthandError } from '@firsthand/domain';

/** A host is, or resolves to, nothing but addresses that are not public. */
export class AddressForbidden extends FirsthandError {
  constructor() {
    super('DESTINATION_ADDRESS_FORBIDDEN', 'The address is not one of the public internet.');
    this.name = 'AddressForbidden';
  }
}
