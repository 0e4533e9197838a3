/** Injection tokens of what is made at boot, outside Nest, and handed to each plane. */
export const LOGGER = Symbol('logger');
export const METRICS = Symbol('metrics');
export const HEALTH_PROBES = Symbol('health-probes');
