import type { JSX } from 'preact'
import type { Mode, Product, Scene, Sum } from '../../stages/conv2d.ts'
import { address, short } from '../format.ts'
import { pairOf, unturnedSum } from './conv2d-picture.tsx'
import type { View } from './conv2d-view.ts'

interface Props {
  scene: Scene
  view: View
  sum: Sum
  /** The product under the pointer. */
  lit: number | null
  light: (index: number | null) => void
}

const signed = (value: number): string => (value < 0 ? `(${short(value)})` : short(value))

function namesOf({ tap, output, cell, padding }: Product, mode: Mode): readonly [string, string] {
  const x = padding ? '0 (padding)' : address('x', cell)
  if (mode === 'forward' || mode === 'columns') return [address('w', tap), x]
  return mode === 'weight' ? [x, address('dy', output)] : [address('dy', output), address('w', tap)]
}

/** The sum that the chosen cell is: beside the picture, and at the foot of a phone. */
export function Conv2dSum({
  scene,
  view,
  sum: { name, value, products, bias, rule },
  lit,
  light,
}: Props): JSX.Element {
  const { mode } = view
  const isForward = mode === 'forward' || mode === 'columns'
  return (
    <section class="sheet" aria-live="polite" data-sum={value}>
      <p>
        <strong class="symbol">
          {name} = {short(value)}
        </strong>
        . {rule}
      </p>
      <ol
        class="products"
        style={{ '--columns': isForward ? scene.window.Kw : 3 }}
        onPointerLeave={() => light(null)}
      >
        {products.map((product, index) => {
          const [first, second] = product.factors
          const names = namesOf(product, mode)
          const own = isForward ? [second, first] : [first, second]
          return (
            <li
              key={index}
              class={index === lit ? 'pair lit' : 'pair'}
              style={{ '--pair': pairOf(product, scene, mode) }}
              onPointerEnter={() => light(index)}
            >
              <small>
                {names[0]}·{names[1]}
              </small>
              <span>
                {signed(own[0])}·{signed(own[1])} = <b>{short(first * second)}</b>
              </span>
            </li>
          )
        })}
        {isForward && (
          <li>
            <small>bias b</small>
            <b>{short(bias)}</b>
          </li>
        )}
      </ol>
      {mode === 'turned' && <Turned scene={scene} view={view} value={value} />}
    </section>
  )
}

function Turned({
  scene,
  view: { place, turned },
  value,
}: {
  scene: Scene
  view: View
  value: number
}): JSX.Element {
  const gap = Math.max(...Array.from(scene.turned.data, (own, i) => Math.abs(own - scene.dx.data[i])))
  const wrong = unturnedSum(scene, place)
  return (
    <p role="status" data-gap={gap}>
      {turned ? (
        <>
          A <em>forward</em> pass over dy with the turned kernel gives all of dx: the largest difference to
          what bwd() gives is <strong>{short(gap)}</strong>.
        </>
      ) : (
        <>
          With the kernel as it is, the sum here would be <strong data-wrong={wrong}>{short(wrong)}</strong>;
          bwd() gives {short(value)}.
        </>
      )}
    </p>
  )
}
