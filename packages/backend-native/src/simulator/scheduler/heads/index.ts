/** Several heads in the simulator. */
export { PeerHeads } from './peer-heads.js';
