/** `@anant/bridge`: the Node half of the Python bridge. */
export {};
