const asyncHooks = require('node:async_hooks');
const { syncBuiltinESMExports } = require('node:module');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { transpile } = require('./transpile.cjs');

/** Where jest-circus keeps its tests and who listens to them. */
const STATE = new Set(['JEST_STATE_SYMBOL', 'EVENT_HANDLERS']);

const { AsyncLocalStorage } = asyncHooks;
const storages = new Set();

/** Known to this process, which switches it off when the spec that used it is over. */
asyncHooks.AsyncLocalStorage = class extends AsyncLocalStorage {
  constructor(...given) {
    super(...given);
    storages.add(this);
  }
};
syncBuiltinESMExports();

/** Which test jest-circus is at. Node's own storage hands that through every promise of the product, which then costs twice as much; here one test runs after the other, and that is held. */
class RunningTest {
  #current;

  getStore() { return this.#current; }

  async run(store, callback) {
    const former = this.#current;
    if (former?.test !== undefined && former.test !== store.test) throw new Error(`"${store.test?.name}" runs beside "${former.test.name}": specs in bare Node run one test at a time.`);
    this.#current = store;
    try {
      return await callback();
    } finally {
      this.#current = former;
    }
  }
}

/**
 * Jest's runtime of specs in bare Node: modules are Node's own, loaded once per process, instead of once per spec in a context of its own. Loading was a third of the time of a spec, and nothing stayed compiled.
 * What it takes in return: a module keeps what it remembers from one spec to the next, so no module of the product or of `test/support` may hold what a spec changes. Modules cannot be mocked.
 * It is what jest-circus and jest-runner 30 ask of a runtime.
 */
class BareRuntime {
  #maps = new MapsBySource();

  unstable_shouldLoadAsEsm() { return true; }

  unstable_importModule(path) { return import(pathToFileURL(path).href); }

  requireModule(path) { return require(path); }

  /** The framework anew for each spec: it keeps its tests in itself. */
  requireInternalModule(path) {
    const { AsyncLocalStorage: usual } = asyncHooks;
    asyncHooks.AsyncLocalStorage = RunningTest;
    for (const symbol of Object.getOwnPropertySymbols(globalThis)) if (STATE.has(symbol.description)) delete globalThis[symbol];
    try {
      delete require.cache[path];
      return require(path);
    } finally {
      asyncHooks.AsyncLocalStorage = usual;
    }
  }

  setGlobalsForRuntime() {}

  getSourceMaps() { return this.#maps; }

  getAllCoverageInfoCopy() { return undefined; }

  enterTestCode() {}

  leaveTestCode() {}

  /** Else every promise would go on to be handed through the storages of all former specs: those of the dry runs of their hosts. */
  teardown() {
    for (const storage of storages) storage.disable();
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
