/** What a packet costs beside its data, in bytes: small ones are mostly that. */
export const PACKET_BYTES = 256;

/** What an engine.io packet costs in memory, about, in bytes. */
export function packetSize({ data }: { readonly data?: unknown }): number {
  if (typeof data === 'string') return PACKET_BYTES + data.length;
  return PACKET_BYTES + (ArrayBuffer.isView(data) ? data.byteLength : 0);
}
