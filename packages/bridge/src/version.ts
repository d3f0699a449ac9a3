/** Version of this package; the Python half of the same release fits it. */
export const VERSION = '0.1.0';

/** Whether a release of the Python half fits this one: equal up to the last number. */
export const fitsVersion = (other: string): boolean => release(other) === release(VERSION);

const release = (version: string): string => version.split('.').slice(0, 2).join('.');
