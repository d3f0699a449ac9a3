/** Transfers of large objects: what crosses how, and what is asked for again when it breaks off. */
export { CHUNK_BYTES, type Chunk, isChunked, planChunks, WINDOW_CHUNKS } from './chunks.js';
export { Receiving } from './receiving.js';
export { Serving } from './serving.js';
export { pickTransfer, type TransferChoice, type TransferRequest } from './transfer-rule.js';
