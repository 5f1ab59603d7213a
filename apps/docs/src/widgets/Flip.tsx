import { Conv2d } from '@handgrad/layers'
import { formatShape, type Tensor, zeros } from '@handgrad/tensor'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { flatIndex, indices } from '../explorers/explorer.ts'
import { smallNumbers } from '../explorers/numbers.ts'
import { Grid } from './explorer/Grid.tsx'
import { short } from './format.ts'

const KERNEL = 3

/** w with its rows and columns reversed, and its input and output channels exchanged. */
function flipped(w: Tensor): Tensor {
  const [O, C, Kh, Kw] = w.shape as [number, number, number, number]
  const turned = zeros([C, O, Kh, Kw], { dtype: 'float64' })
  for (const [c, o, i, j] of indices(turned.shape) as Iterable<[number, number, number, number]>) {
    const from = flatIndex(w.shape, [o, c, Kh - 1 - i, Kw - 1 - j])
    turned.data[flatIndex(turned.shape, [c, o, i, j])] = w.data[from]!
  }
  return turned
}

/** dx by the backward pass, and by a forward pass of dy through the flipped kernel. */
function bothWays(
  padding: number,
  seed: number,
): { w: Tensor; turned: Tensor; dy: Tensor; backward: Tensor; forward: Tensor } {
  const layer = new Conv2d(1, 1, KERNEL, { padding, bias: false, dtype: 'float64' })
  const x = smallNumbers([1, 4, 5], seed)
  layer.weight.data.set(smallNumbers(layer.weight.shape, seed + 1).data)
  const y = layer.forward(x)
  const dy = smallNumbers(y.shape, seed + 2)
  y.g = dy
  layer.bwd()
  const again = new Conv2d(1, 1, KERNEL, { padding: KERNEL - 1 - padding, bias: false, dtype: 'float64' })
  const turned = flipped(layer.weight)
  again.weight.data.set(turned.data)
  return { w: layer.weight, turned, dy, backward: x.g!, forward: again.forward(dy) }
}

/** The largest difference between two tensors of one shape. */
function apart(a: Tensor, b: Tensor): number {
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i])))
}

const still = {
  editable: false,
  picked: null,
  parts: new Set<string>(),
  onPick: () => {},
  onChange: () => {},
}

/** The gradient of a convolution's input is a convolution with the flipped kernel: both, side by side. */
export function FlipWidget(): JSX.Element {
  const padding = useSignal(1)
  const seed = useSignal(7)
  const { w, turned, dy, backward, forward } = bothWays(padding.value, seed.value)
  const gap = apart(backward, forward)
  return (
    <div class="explorer not-content" data-widget="flip">
      <div class="options">
        <label>
          padding p of the layer
          <input
            type="number"
            min={0}
            max={KERNEL - 1}
            value={padding.value}
            onInput={({ currentTarget }) =>
              (padding.value = Math.max(0, Math.min(KERNEL - 1, currentTarget.valueAsNumber || 0)))
            }
          />
        </label>
        <button type="button" onClick={() => (seed.value += 3)}>
          Other numbers
        </button>
      </div>
      <div class="row">
        <Grid {...still} name="w" label="the kernel" tensor={w} />
        <Grid {...still} name="w" label="flipped" tensor={turned} />
        <Grid
          {...still}
          name="dy"
          label={`in a frame of zeros, ${KERNEL - 1 - padding.value} wide`}
          tensor={dy}
        />
      </div>
      <div class="row">
        <Grid {...still} name="dx" label="by bwd()" tensor={backward} />
        <Grid {...still} name="dx" label="by forward() of dy with the flipped kernel" tensor={forward} />
      </div>
      <p role="status" data-gap={gap}>
        Both have shape {formatShape(forward.shape)}; their largest difference is{' '}
        <strong>{short(gap)}</strong>.
      </p>
    </div>
  )
}
