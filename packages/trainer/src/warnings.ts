/** Who is told of what does not stop the work. */
export interface WarningOptions {
  /** Called once, when a thread that was asked for is not there; `console.warn` if it is left out. */
  onWarning?: ((text: string) => void) | undefined
}

const toConsole = (text: string): void => console.warn(`handgrad: ${text}`)

/** Hands on the first warning, and no other. */
export function firstWarning({ onWarning = toConsole }: WarningOptions): (text: string) => void {
  let warned = false
  return (text) => {
    if (!warned) onWarning(text)
    warned = true
  }
}
