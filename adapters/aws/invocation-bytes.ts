/** A synchronous invocation takes and gives 6 MB (Lambda Developer Guide, "Lambda quotas"). */
export const maxInvocationBytes = 6 * 1024 * 1024;
