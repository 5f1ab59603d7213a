/** A link may be so long, in characters: longer ones are cut by mail programs and chats. */
export const LONGEST = 8192

/** What is said of code that is too long for a link. */
export const ADVICE = 'This is over 8 kB, too long for a link. Save it as a file and send that.'

const KEY = 'code='

function encode(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCodePoint(byte))
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function decode(text: string): string {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder('utf-8', { fatal: true }).decode(
    Uint8Array.from(bytes, (one) => one.codePointAt(0)!),
  )
}

/** The address of a page with an exercise and code for it; null where it is too long. */
export function linkOf(page: string, id: string, code: string): string | null {
  const link = `${page}?exercise=${id}#${KEY}${encode(code)}`
  return link.length > LONGEST ? null : link
}

/** What an address brings: code, nothing, or the reason why it is not taken. */
export function codeOfLink(address: string): { code: string } | { refused: string } | null {
  const at = address.indexOf(`#${KEY}`)
  if (at < 0) return null
  if (address.length > LONGEST) return { refused: ADVICE }
  try {
    return { code: decode(address.slice(at + 1 + KEY.length)) }
  } catch {
    return { refused: 'The code in this link is damaged. Ask for it again, or for a file.' }
  }
}
