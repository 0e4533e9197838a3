import { undoMocks } from './globals.mjs';

/** Jest's environment of specs that share Node's own globals: no context of their own, so each module is loaded and compiled once per process. */
export default class BareEnvironment {
  global = globalThis;
  #exit = process.exit;

  async setup() {}

  async teardown() {
    undoMocks();
    // Jest wraps it anew for each spec.
    process.exit = this.#exit;
  }

  getVmContext() {
    return null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }
}
