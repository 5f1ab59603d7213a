/** A mistake that people really make, as an exact patch of one source file. */
export interface Mutant {
  /** Unique in its spec. */
  readonly name: string
  /** The file, from the repository's root. */
  readonly file: string
  /** Text that occurs exactly once in it. */
  readonly find: string
  readonly replace: string
  /** A second place that the mistake needs. */
  readonly also?: { readonly find: string; readonly replace: string }
  /** A mistake in view 3, in a kernel or in how one is planned: judged on the backends that run kernels. */
  readonly kernel?: true
  /** Whether a network with this mistake still learns: above 90 % on MNIST. */
  readonly trains?: boolean
}

/**
 * The source with the mistake in it.
 * @throws Error when the text to replace does not occur exactly once: the mutant no longer applies.
 */
export function applyMutant({ name, file, find, replace, also }: Mutant, source: string): string {
  return [{ find, replace }, ...(also === undefined ? [] : [also])].reduce((text, edit) => {
    const count = text.split(edit.find).length - 1
    if (count !== 1)
      throw new Error(`mutant '${name}' no longer applies: '${edit.find}' occurs ${count} times in ${file}`)
    return text.replace(edit.find, () => edit.replace)
  }, source)
}
