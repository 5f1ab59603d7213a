import { WriteStream } from 'node:tty'
import { inspect } from 'node:util'

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'reset'

/** A terminal with colours, or what FORCE_COLOR says; NO_COLOR and TERM are looked at by Node. */
function isColourful(stream: NodeJS.WriteStream): boolean {
  if (!stream.isTTY && process.env['FORCE_COLOR'] === undefined) return false
  return WriteStream.prototype.getColorDepth.call(stream) > 2
}

/** The text as the stream shows it: `styleText` is not there before Node 20.12, and looks at no stream before 20.18. */
export function coloured(stream: NodeJS.WriteStream, style: Style, text: string): string {
  if (!isColourful(stream)) return text
  const [open, close] = inspect.colors[style]!
  return `\u001B[${open}m${text}\u001B[${close}m`
}
