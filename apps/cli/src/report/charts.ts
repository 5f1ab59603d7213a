import type { SpecReport, TrainingCurve } from '@handgrad/gradcheck'
import { html, type Markup } from './markup.ts'

const size = { width: 760, height: 220, left: 56, bottom: 40, top: 30 }
const colours = ['var(--ours)', 'var(--torch)', 'var(--third)']

function frame(label: string, marks: readonly Markup[]): Markup {
  return html`<svg role="img" aria-label="${label}" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}">
${marks}</svg>`
}

function legend(names: readonly string[]): Markup[] {
  return names.map(
    (name, i) =>
      html`<rect x="${size.left + i * 230}" y="6" width="12" height="12" fill="${colours[i]}"/><text x="${size.left + 18 + i * 230}" y="16">${name}</text>\n`,
  )
}

const shareOf = (counts: readonly number[]): number[] => {
  const all = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => (all === 0 ? 0 : count / all))
}

/** The share of elements in each bin of distance from the truth: ours beside PyTorch's. */
export function histogramChart({ ours, torch }: SpecReport['histograms'], ends: readonly number[]): Markup {
  const names = [...ends.map((end) => (end === 0 ? 'exact' : `≤ ${end}`)), `> ${ends.at(-1)}`]
  const step = (size.width - size.left) / names.length
  const tall = size.height - size.bottom - size.top
  const bars = [ours, torch].flatMap((counts, which) =>
    shareOf(counts).map((share, bin) => {
      const x = size.left + bin * step + 4 + which * (step / 2 - 4)
      const y = size.height - size.bottom - share * tall
      const title = html`<title>${counts[bin]} elements, ${(100 * share).toFixed(2)} %</title>`
      return html`<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(step / 2 - 5).toFixed(1)}" height="${(share * tall).toFixed(1)}" fill="${colours[which]}">${title}</rect>\n`
    }),
  )
  const labels = names.map(
    (name, bin) =>
      html`<text x="${(size.left + (bin + 0.5) * step).toFixed(1)}" y="${size.height - 22}" text-anchor="middle">${name}</text>\n`,
  )
  const axis = html`<text x="${size.left}" y="${size.height - 4}">error in ULP of the true value</text>`
  return frame('Share of elements by error in ULP', [
    ...legend(['handgrad', 'PyTorch']),
    ...bars,
    ...labels,
    axis,
  ])
}

/** Validation accuracy over the epochs, one line for each injected mistake. */
export function curveChart(curves: readonly TrainingCurve[]): Markup {
  const values = curves.flatMap(({ epochs }) => epochs.map(({ validationAccuracy }) => validationAccuracy))
  const low = Math.floor(Math.min(...values) * 20) / 20
  const count = Math.max(...curves.map(({ epochs }) => epochs.length))
  const x = (epoch: number): number => size.left + ((epoch - 0.5) / count) * (size.width - size.left)
  const y = (share: number): number =>
    size.height - size.bottom - ((share - low) / (1 - low)) * (size.height - size.bottom - size.top)
  const lines = curves.map(({ epochs }, i) => {
    const points = epochs.map((e) => `${x(e.epoch).toFixed(1)},${y(e.validationAccuracy).toFixed(1)}`)
    return html`<polyline fill="none" stroke-width="2.5" stroke="${colours[i % colours.length]}" points="${points.join(' ')}"/>\n`
  })
  const ticks = Array.from({ length: count }, (_, i) => i + 1).map(
    (epoch) => html`<text x="${x(epoch)}" y="${size.height - 22}" text-anchor="middle">${epoch}</text>\n`,
  )
  const grid = [low, (low + 1) / 2, 1].map(
    (share) =>
      html`<line x1="${size.left}" x2="${size.width}" y1="${y(share)}" y2="${y(share)}" stroke="var(--faint)"/><text x="4" y="${y(share) + 4}">${(100 * share).toFixed(1)} %</text>\n`,
  )
  const names = curves.map(({ mutant }) => mutant?.name ?? 'as it is')
  return frame('Validation accuracy by epoch', [...grid, ...legend(names), ...lines, ...ticks])
}
