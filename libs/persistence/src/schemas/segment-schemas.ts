import { NUMBER, TEXT, storedSchema } from './stored-schema.js';

/** What is kept of segments besides their definitions and the memberships on profiles. */
export const SEGMENT_SCHEMAS = {
  segmentSizes: storedSchema({ segmentId: TEXT, segmentVersion: NUMBER, hour: NUMBER, at: NUMBER, size: NUMBER, toldSize: NUMBER }, [{ fields: { workspaceId: 1, hour: 1 } }]),
};
