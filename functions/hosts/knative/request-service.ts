import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { LakeErrorCode } from '../../../adapters/ports/errors';
import type { Callers } from '../../../adapters/ports/requests';
import { refusalOf } from '../../../adapters/shared/request-answer';
import type { FunctionService } from './function-server';

/** Ten thousand ids and room. */
const maxBytes = 16 * 1024 * 1024;

const statuses: Readonly<Record<LakeErrorCode, 400 | 403 | 404 | 409 | 412 | 500 | 501 | 503>> = {
  NotFound: 404,
  AlreadyExists: 409,
  PreconditionFailed: 412,
  PermissionDenied: 403,
  InvalidArgument: 400,
  Unavailable: 503,
  Unsupported: 501,
  Unknown: 500,
};

/** RFC 6750, section 2.1. */
const bearer = /^Bearer ([A-Za-z0-9._~+/=-]+)$/;

/**
 * Answers what other processes ask (adapters/http/http-requests.ts): one POST, `{ result }` or `{ code, message }`. Who asks is
 * what `callers` makes of the token; without a good one it is nobody, and `answer` decides and records that too.
 */
export function requestService(
  callers: Callers,
  answer: (caller: string | undefined, request: unknown) => Promise<unknown>,
  onFailure: (error: unknown) => void,
): FunctionService {
  const underWay = new Set<Promise<unknown>>();
  const app = new Hono();
  app.post('/', bodyLimit({ maxSize: maxBytes }), async (context) => {
    const token = bearer.exec(context.req.header('authorization') ?? '')?.[1];
    const caller = token === undefined ? undefined : await callers.callerOf(token);
    const request: unknown = await context.req.json().catch(() => undefined);
    const answering = answer(caller, request);
    underWay.add(answering);
    try {
      return context.json({ result: (await answering) ?? null });
    } finally {
      underWay.delete(answering);
    }
  });
  app.onError((error, context) => {
    const refusal = refusalOf(error, onFailure);
    return context.json(refusal, statuses[refusal.code]);
  });
  return { handler: getRequestListener(app.fetch), drained: async () => void (await Promise.allSettled(underWay)) };
}
