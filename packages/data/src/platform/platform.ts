/**
 * What this package needs from where it runs. `#platform` in package.json's `imports` picks `node.ts` or `browser.ts`;
 * nothing else in the package names a `node:` module.
 */
export interface Platform {
  /** All bytes of a file, or why there is none. */
  readFile(path: string): Promise<Uint8Array | NoFile>
  /** The path of a file below a folder. */
  join(folder: string, name: string): string
  /** The MD5 of `bytes` in hexadecimal. */
  md5(bytes: Uint8Array): string
  /** The SHA-256 of `bytes` in hexadecimal. */
  sha256(bytes: Uint8Array): Promise<string>
}

/** There is no file at a path: `no such file`, `is a folder`. */
export interface NoFile {
  readonly why: string
}
