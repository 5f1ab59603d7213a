const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 0.9871 → `98.71 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

/** 4812.3 → `4,812`. */
export const count = (value: number): string => grouped.format(value)

/** 0.04012 → `0.0401`. */
export const lossText = (loss: number): string => loss.toFixed(4)

/** 83.2 → `1:23`, and hours where there are some. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}
