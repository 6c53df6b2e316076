/**
 * The ways to sign a token that this server can be set to take (RFC 7518, RFC 8037): one shared secret (HS), RSA (RS, PS),
 * elliptic curves P-256 and P-384 (ES), and Ed25519.
 */
export const JWT_ALGORITHMS = ['HS256', 'RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];
