/** Why a server cannot speak TLS; the message is a sentence for its operator. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
}
