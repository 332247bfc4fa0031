import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** Cost of new hashes: 16 MiB and about 50 ms on a small machine (RFC 7914). */
const COST = { N: 16_384, r: 8, p: 1 } as const;
/** Most that a stored hash may ask for: 64 MiB. */
const COST_MAX = 65_536;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Hashes a password with a fresh salt: `scrypt$N$r$p$salt$hash`, the last two in hex. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST.N, COST.r, COST.p, HASH_BYTES);
  return `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt.toString("hex")}$${hash.toString("hex")}`;
}

/** Whether the password is the one that was hashed. False for a text that is no such hash. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [kind, n, r, p, salt, hash] = stored.split("$");
  if (kind !== "scrypt" || salt === undefined || hash === undefined) return false;
  const [cost, block, lanes] = [Number(n), Number(r), Number(p)];
  if (!(cost > 1 && cost <= COST_MAX && block >= 1 && block <= 8 && lanes >= 1 && lanes <= 4)) return false;
  const wanted = Buffer.from(hash, "hex");
  if (wanted.length === 0) return false;
  const found = await derive(password, Buffer.from(salt, "hex"), cost, block, lanes, wanted.length);
  return timingSafeEqual(found, wanted);
}

function derive(password: string, salt: Buffer, N: number, r: number, p: number, length: number) {
  return new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, length, { N, r, p, maxmem: 256 * N * r }, (failure, key) => {
      if (!failure) resolve(key);
      else reject(failure);
    });
  });
}
