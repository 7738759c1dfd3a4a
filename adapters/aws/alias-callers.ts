import type { Callers } from '../ports/requests';

/** arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER */
const invoked = /^arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:]+:([a-z][a-z0-9-]*)$/;

/**
 * Learns who asks from the ARN that a function was invoked by, which Lambda tells and no caller can choose: each caller has an
 * alias of its own name, and IAM lets it alone invoke that. The function's own name and its versions are nobody's.
 */
export class AliasCallers implements Callers {
  async callerOf(proof: string): Promise<string | undefined> {
    return invoked.exec(proof)?.[1];
  }
}
