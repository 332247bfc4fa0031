/** Whether an address is that of a multicast group, RFC 5771 and RFC 4291, 2.7. */
export function isGroup(address: string): boolean {
  const first = /^(\d{1,3})(?:\.\d{1,3}){3}$/.exec(address)?.[1];
  if (first !== undefined) return Number(first) >= 224 && Number(first) <= 239;
  return /^ff[0-9a-f]{2}:/i.test(address);
}
