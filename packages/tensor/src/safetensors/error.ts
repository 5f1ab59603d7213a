/** What is wrong with a safetensors file, or with a record that cannot become one, in one line. */
export class SafetensorsError extends Error {
  override readonly name: string = 'SafetensorsError'

  constructor(problem: string, options?: ErrorOptions) {
    super(`safetensors: ${problem}`, options)
  }
}

const SHOWN = 80

/** A name or a shape from a file as it may stand in a message: on one line, escaped, and cut when it is long. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value)
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)
}
