/**
 * Whether the code of an error of Node says that no whole answer came: a connection refused, reset or timed out has the name of an
 * errno, a name that could not be asked for at this moment is EAI_AGAIN (getaddrinfo(3)). `fetch` has names of its own, such as for
 * a connection that the other side closed while it was idle (undici's manual, "Errors").
 */
export const isConnectionFailure = (code: string | undefined): boolean =>
  /^(E[A-Z]+|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_(SOCKET|(CONNECT|HEADERS|BODY)_TIMEOUT))$/.test(code ?? '');
