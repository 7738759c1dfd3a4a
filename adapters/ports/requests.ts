/** Asks one other function of the lake. Who asks is shown by the transport, never said in the request. */
export interface Requests {
  /**
   * Gives the other function's answer. A request may arrive twice: only what is harmless when repeated is asked this way.
   *
   * @param request plain JSON
   * @throws LakeError with the code of the other function's refusal; `Unavailable` when it does not answer.
   */
  ask(request: unknown): Promise<unknown>;
}

/** Says who asks: the other end of {@link Requests}. */
export interface Callers {
  /**
   * The name of the caller that a proof belongs to; undefined when it proves nobody who may ask here.
   *
   * @throws LakeError `Unavailable` when it could not be found out.
   */
  callerOf(proof: string): Promise<string | undefined>;
}
