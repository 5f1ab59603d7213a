import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Plain } from '../../workers/protocol.ts'
import { range, short } from '../format.ts'
import { Picture } from '../Picture.tsx'

interface Planes {
  height: number
  width: number
  planes: Float32Array[]
}

/** The last two axes as matrices; a row of numbers is one matrix of height 1. */
function planesOf({ shape, data }: Plain): Planes {
  const rank = shape.filter((extent) => extent > 1).length
  const [height, width] =
    shape.length >= 3 || (shape.length === 2 && shape[0] > 1) ? shape.slice(-2) : [1, data.length]
  if (rank <= 1) return { height: 1, width: data.length, planes: [data] }
  const size = height * width
  return {
    height: height,
    width: width,
    planes: Array.from({ length: data.length / size }, (_, i) => data.subarray(i * size, (i + 1) * size)),
  }
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** A tensor as pictures of its planes; the numbers of the chosen one in a table. */
export function TensorView({ title, tensor }: { title: string; tensor: Plain }): JSX.Element {
  const chosen = useSignal(0)
  const { height, width, planes } = planesOf(tensor)
  const scale = tensor.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1
  const zoom = Math.max(1, Math.min(width > 100 ? 320 / width : 12, 64 / Math.max(height, width / 4)))
  const plane = planes[Math.min(chosen.value, planes.length - 1)]
  return (
    <section class="tensor">
      <p class="title">
        {title}{' '}
        <small>
          [{tensor.shape.join(', ')}], largest size {short(scale)}, mean {short(mean(tensor.data))}
        </small>
      </p>
      <div class="planes">
        {planes.slice(0, 64).map((data, i) => (
          <button
            key={i}
            type="button"
            aria-pressed={i === chosen.value}
            aria-label={`${title}, plane ${i}`}
            onClick={() => (chosen.value = i)}
          >
            <Picture
              data={data}
              height={height}
              width={width}
              scale={scale}
              zoom={zoom}
              label={`plane ${i}`}
            />
          </button>
        ))}
      </div>
      <details>
        <summary>
          The numbers{planes.length > 1 && ` of plane ${Math.min(chosen.value, planes.length - 1)}`}
        </summary>
        <div class="scroll numbers" tabIndex={0} role="region" aria-label={`${title}, numbers`}>
          <table class="plain">
            <tbody>
              {range(height).map((row) => (
                <tr key={row}>
                  {range(width).map((column) => (
                    <td key={column}>{short(Number(plane[row * width + column].toPrecision(3)))}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  )
}
