import type { Channel, Io } from '../io.ts'

/** A channel that keeps what is written; styles stand around the text as `<bold>…</>`. */
export function recordedChannel(live = false, columns = 80): Channel & { readonly text: string } {
  const channel = {
    text: '',
    live,
    columns,
    style: (style: unknown, text: string) => `<${String(style)}>${text}</>`,
    write: (text: string) => void (channel.text += text),
    line: (text = '') => channel.write(`${text}\n`),
  }
  return channel
}

/** Both channels, recorded. */
export function recordedIo(
  live = false,
  columns = 80,
): { io: Io; out: { readonly text: string }; err: { readonly text: string } } {
  const [out, err] = [recordedChannel(live, columns), recordedChannel(live, columns)]
  return { io: { out, err }, out, err }
}
