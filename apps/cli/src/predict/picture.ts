/** Two rows of grey values a line, in characters from dark to light. */
export function picture(grey: Uint8Array, size: number, plain: boolean): string[] {
  const ramp = plain ? ' .:-=+*#%@' : ' ░▒▓█'
  const lines: string[] = []
  for (let y = 0; y + 1 < size; y += 2) {
    const cell = (x: number): string => {
      const value = (grey[y * size + x] + grey[(y + 1) * size + x]) / 2
      return ramp[Math.min(ramp.length - 1, Math.floor((value / 256) * ramp.length))]
    }
    lines.push(
      Array.from({ length: size }, (_, x) => cell(x))
        .join('')
        .trimEnd(),
    )
  }
  return lines
}
