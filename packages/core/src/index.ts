export * from './client/index.js';
export * from './contract/index.js';
export * from './define/index.js';
export * from './error/index.js';
export * from './kernel/index.js';
export * from './routing/index.js';
