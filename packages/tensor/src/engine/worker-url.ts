let given: URL | string | null = null

/**
 * Says where the worker's module is, for the threads that start from now on: in a bundle that did not take it along, or
 * on a page whose policy allows workers from elsewhere. It is `@handgrad/tensor/worker`, as it is or bundled by itself.
 *
 * A string is an address as a page takes it, and in node a path from the working folder, or `file:` and `data:`.
 * null, as in the beginning: beside this package's own modules, where bundlers that know workers put it.
 * @throws TypeError for anything but a URL, a string that is not empty, or null.
 */
export function setWorkerUrl(url: URL | string | null): void {
  if (url !== null && !(url instanceof URL) && (typeof url !== 'string' || url === '')) {
    throw new TypeError(
      `setWorkerUrl: url is ${JSON.stringify(url)}, expected the address of a module, as a URL or a string, or null`,
    )
  }
  given = url
}

/** The address that was given, or null. */
export const workerUrl = (): URL | string | null => given
