/**
 * The turn of the jobs that write tables or landed objects anew from what they read a while before (marts, compaction, erasure,
 * key rotation, collectors). Two at a time would each be whole, but rows that an erasure took out meanwhile would come back with a
 * mart begun before it, and of two who write one object anew the later undoes the earlier.
 */
export const tablesTurn = 'tables';
