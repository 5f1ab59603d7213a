import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { short } from './format.ts'
import { Take } from './Take.tsx'

interface Props {
  softmax: readonly number[]
  /** The gradient of the loss by each logit. */
  dz: ArrayLike<number>
  target: number
}

const WIDTH = 640
const HEIGHT = 220
const FOOT = 180
const MANY = 5
/** A probability of 1 is so high. */
const FULL = 130

/** Softmax as bars, and on each the force with which a step against the gradient moves its logit. */
export function Forces({ softmax, dz, target }: Props): JSX.Element {
  const step = WIDTH / softmax.length
  const half = Math.min(26, 0.4 * step)
  // Then there is no room for many digits.
  const isMany = softmax.length > MANY
  const canvas = useRef<SVGSVGElement>(null)
  return (
    <>
      <svg
        ref={canvas}
        class="forces"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label="Softmax as bars; an arrow on each says how hard its logit is pushed up or down. The table has the numbers."
      >
        {softmax.map((p, c) => {
          const [x, top] = [(c + 0.5) * step, FOOT - p * FULL]
          const force = -dz[c] * FULL
          const end = top - force
          const head = Math.sign(force) * Math.min(9, Math.abs(force))
          return (
            <g key={c} data-force={-dz[c]}>
              <rect
                class={c === target ? 'right' : ''}
                x={x - half}
                y={top}
                width={2 * half}
                height={p * FULL}
              />
              {c === target && (
                <rect class="goal" x={x - half} y={FOOT - FULL} width={2 * half} height={FULL} />
              )}
              {Math.abs(force) > 1 && (
                <path
                  class={force > 0 ? 'up' : 'down'}
                  d={`M${x},${top}V${end}m-7,${head}l7,${-head}l7,${head}`}
                />
              )}
              <text x={x} y={FOOT + 17} text-anchor="middle">
                {c}
                {c === target ? (isMany ? ' ✓' : ', right') : ''}
              </text>
              <text x={x} y={FOOT + 37} text-anchor="middle" class="value">
                {short(isMany ? Number(p.toFixed(2)) : p)}
              </text>
            </g>
          )
        })}
      </svg>
      <Take of={canvas} />
    </>
  )
}
