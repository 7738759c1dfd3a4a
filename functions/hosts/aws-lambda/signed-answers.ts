import type { SignedTokens } from '../../provider-access/signed-token';
import { type ProxyAnswer, type ProxyEvent, requestOf } from './proxy-event';

/** Requests for tokens that a REST API passes on once it has checked their signatures (API Gateway, authorisation `AWS_IAM`). */
export const signedAnswers =
  (tokens: Pick<SignedTokens, 'answer'>) =>
  async (event: ProxyEvent): Promise<ProxyAnswer> => {
    const { method, body, address } = requestOf(event);
    if (method !== 'POST') return { ...empty, statusCode: 405, multiValueHeaders: { allow: ['POST'] } };
    const caller = event.requestContext?.identity?.userArn ?? undefined;
    const answer = await tokens.answer({ caller, body: body.toString('utf8'), address });
    return {
      ...empty,
      statusCode: answer.status,
      multiValueHeaders: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, [value]])),
      body: JSON.stringify(answer.body),
    };
  };

const empty = { body: '', isBase64Encoded: false };
