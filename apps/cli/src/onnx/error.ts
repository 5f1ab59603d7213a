/** What is wrong with an ONNX file, or with a network that cannot become one, in one line. */
export class OnnxError extends Error {
  override readonly name: string = 'OnnxError'

  constructor(problem: string, options?: ErrorOptions) {
    super(`ONNX: ${problem}`, options)
  }
}

/** A name from a file as it may stand in a message: escaped, and cut when it is long. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
