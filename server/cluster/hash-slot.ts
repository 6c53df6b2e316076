/** Slots of a Redis Cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
export const SLOTS = 16_384;

/** CRC-16/XMODEM: polynomial 0x1021, beginning with 0. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** The slot of a channel whose name is ASCII and has no braces, which would stand for a part of it. */
export function hashSlot(channel: string): number {
  let crc = 0;
  for (let at = 0; at < channel.length; at++) {
    crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ channel.charCodeAt(at)] as number);
  }
  return crc % SLOTS;
}
