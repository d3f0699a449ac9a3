export * from './contract/index.js';
export * from './define/index.js';
export * from './error/index.js';
