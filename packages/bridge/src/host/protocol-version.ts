/** Version of docs/protocol.md that both the bridge client and the host child speak. */
export const HOST_PROTOCOL = 1;
