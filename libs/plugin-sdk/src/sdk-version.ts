/** The version of this SDK. The host loads a plugin when its `sdk` range covers it (https://semver.org). */
export const SDK_VERSION = '0.1.0';
