/** Version of this package, as the parts of a cluster tell each other. */
export const VERSION = '0.1.0';
