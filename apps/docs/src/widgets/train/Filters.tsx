import type { JSX } from 'preact'
import { short } from '../format.ts'
import { Picture } from '../Picture.tsx'
import { session } from './session.ts'

/** The first convolution's kernels as they are now, as pictures and as numbers. */
export function Filters(): JSX.Element | null {
  const weight = session.filters.value
  if (weight === null) return null
  const [O, C, Kh, Kw] = weight.shape as [number, number, number, number]
  const size = C * Kh * Kw
  const kernels = Array.from({ length: O }, (_, o) => weight.data.subarray(o * size, o * size + Kh * Kw))
  const scale = weight.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return (
    <section>
      <p class="title">Filters of the first convolution</p>
      <div class="row">
        {kernels.map((data, o) => (
          <Picture
            key={o}
            data={data}
            height={Kh}
            width={Kw}
            scale={scale}
            zoom={Math.ceil(42 / Kh)}
            label={`filter ${o}`}
          />
        ))}
      </div>
      <details>
        <summary>The numbers</summary>
        <div class="scroll">
          <table class="plain">
            <tbody>
              {kernels.map((data, o) => (
                <tr key={o}>
                  <th scope="row">filter {o}</th>
                  {[...data].map((value, i) => (
                    <td key={i}>{short(value)}</td>
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
