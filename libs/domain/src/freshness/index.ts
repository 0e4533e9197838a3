export * from './latency-histogram.js';
