/** That a stream of changes cannot go on by trying again: the credentials, the role, a query or a setting has to change first. */
export class ChangesClientError extends Error {
  override name = 'ChangesClientError';

  /** @param code the host's own, e.g. `FORBIDDEN`; `HTTP_<status>` where the answer had none */
  constructor(readonly code: string, message: string) {
    super(message);
  }
}
