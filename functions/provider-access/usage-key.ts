import { createHash } from 'node:crypto';

/**
 * What a gateway counts a provider's requests under: no secret, and not the client's id, which the gateway's figures need not
 * show. The authoriser names it and the stack makes it, so both compute it. (API Gateway: 20 to 128 characters.)
 */
export const usageKeyOf = (clientId: string): string =>
  createHash('sha256').update(`usage of the lake by ${clientId}`).digest('hex');
