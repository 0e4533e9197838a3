/** Why a source of server binaries had nothing to give. The caller goes on to the next source, or makes it part of its one line. */
export class SourceUnavailable extends Error {
  constructor(message) {
    super(message);
    this.name = 'SourceUnavailable';
  }
}
