const asyncHooks = require('node:async_hooks');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { transpile } = require('./transpile.cjs');

/** Where jest-circus keeps its tests and who listens to them. */
const STATE = new Set(['JEST_STATE_SYMBOL', 'EVENT_HANDLERS']);

/**
 * Jest's runtime of specs in bare Node: modules are Node's own, loaded once per process, instead of once per spec in a context of its own. Loading was a third of the time of a spec, and nothing stayed compiled.
 * What it takes in return: a module keeps what it remembers from one spec to the next, so no module of the product or of `test/support` may hold what a spec changes. Modules cannot be mocked.
 * It is what jest-circus and jest-runner 30 ask of a runtime.
 */
class BareRuntime {
  #maps = new MapsBySource();
  #storages = [];

  unstable_shouldLoadAsEsm() { return true; }

  unstable_importModule(path) { return import(pathToFileURL(path).href); }

  requireModule(path) { return require(path); }

  /** The framework anew for each spec: it keeps its tests in itself. */
  requireInternalModule(path) {
    const { AsyncLocalStorage } = asyncHooks;
    const storages = this.#storages;
    asyncHooks.AsyncLocalStorage = class extends AsyncLocalStorage {
      constructor(...given) {
        super(...given);
        storages.push(this);
      }
    };
    for (const symbol of Object.getOwnPropertySymbols(globalThis)) if (STATE.has(symbol.description)) delete globalThis[symbol];
    try {
      delete require.cache[path];
      return require(path);
    } finally {
      asyncHooks.AsyncLocalStorage = AsyncLocalStorage;
    }
  }

  setGlobalsForRuntime() {}

  getSourceMaps() { return this.#maps; }

  getAllCoverageInfoCopy() { return undefined; }

  enterTestCode() {}

  leaveTestCode() {}

  /** Else every promise would go on to be handed through the storages of all former specs. */
  teardown() {
    for (const storage of this.#storages) storage.disable();
  }
}

/** Where the source map of a source lies, worked out when a stack asks for it. */
class MapsBySource extends Map {
  get(source) {
    if (!source.endsWith('.ts')) return undefined;
    if (!this.has(source)) this.set(source, transpile(source.startsWith('file:') ? fileURLToPath(source) : source).mapPath);
    return super.get(source);
  }
}

module.exports = BareRuntime;
