export * from './quality-rows.js';
export * from './quality-store.js';
export * from './count-quality.js';
export * from './settle-counts.js';
export { createQualityWatch, QUALITY_WATCH, type QualityWatchOptions } from './watch-quality.js';
export { ALERT_GIVE_UP_MS, tellAlerts, type SendQualityAlert } from './tell-alerts.js';
