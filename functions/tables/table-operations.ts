/** What a function that writes Delta tables does with the zone they lie in, as its manifest declares it. */
export const tableOperations = ['putIfAbsent', 'put', 'read', 'stream', 'list', 'delete', 'localPath'] as const;
