/**
 * Whether the code of an error of Node says that no whole answer came: a connection refused, reset or timed out has the name of an
 * errno, a name that could not be asked for at this moment is EAI_AGAIN (getaddrinfo(3)).
 */
export const isConnectionFailure = (code: string | undefined): boolean =>
  /^(E[A-Z]+|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE)$/.test(code ?? '');
