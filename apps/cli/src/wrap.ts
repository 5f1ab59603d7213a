import type { Channel } from './io.ts'

/** Writes a sentence: on a terminal in lines no wider than it, broken between words; else on one line. */
export function paragraph(to: Channel, text: string): void {
  for (const part of to.live ? wrapped(text, to.columns) : [text]) to.line(part)
}

/** A text in lines of at most so many characters; what a terminal is told for colour takes no room. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`
    if (lines.length === 0 || lengthOf(longer) > columns) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}

// oxlint-disable-next-line no-control-regex -- what a terminal is told
const lengthOf = (text: string): number => text.replace(/\u001B\[\d+m/g, '').length
