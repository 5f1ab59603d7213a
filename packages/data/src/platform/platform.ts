/**
 * What this package needs from where it runs. `#platform` in package.json's `imports` picks `node.ts` or `browser.ts`;
 * nothing else in the package names a `node:` module.
 */
export interface Platform {
  /** All bytes of a file, or null when there is no such file. */
  readFile(path: string): Promise<Uint8Array | null>
  /** The MD5 of `bytes` in hexadecimal. */
  md5(bytes: Uint8Array): string
}
