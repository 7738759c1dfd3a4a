/**
 * The turn of the jobs that write tables anew from what they read a while before (marts, compaction, erasure). Two at a time
 * would each be whole, but rows that an erasure took out meanwhile would come back with a mart begun before it.
 */
export const tablesTurn = 'tables';
