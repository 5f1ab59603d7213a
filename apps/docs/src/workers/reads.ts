import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU } from '@handgrad/layers'
import { argmaxTaps, resolveWindow, tensor, unfold, type Window } from '@handgrad/tensor'
import type { Plain, Reads } from './protocol.ts'

/** The cell of each channel of x [1,C,H,W] that wins each window, by the library's own choice. */
function winners({ shape: [, C, H, W], data }: Plain, win: Window): Int32Array {
  const L = win.Ho * win.Wo
  const columns = unfold(tensor(data, [1, C, H, W]), win, -Infinity)
  const taps = argmaxTaps(columns.reshape([1, C, win.Kh * win.Kw, L]), win).data
  return taps.map((tap, at) => {
    const l = at % L
    const row = Math.floor(l / win.Wo) * win.sh + Math.floor(tap / win.Kw) * win.dh - win.ph
    const column = (l % win.Wo) * win.sw + (tap % win.Kw) * win.dw - win.pw
    return (Math.floor(at / L) * H + row) * W + column
  })
}

/**
 * How a layer reads one image x, by its own sizes.
 * @throws Error for a layer of which it is not known: a picture must not show what is not so.
 */
export function readsOf(layer: Layer, x: Plain): Reads {
  const [, C, H, W] = x.shape
  if (layer instanceof Conv2d) {
    const { inChannels, outChannels, groups } = layer
    return {
      how: 'windows',
      window: resolveWindow(H, W, layer),
      inChannels,
      outChannels,
      groups,
      chosen: null,
    }
  }
  if (layer instanceof MaxPool2d) {
    const window = resolveWindow(H, W, layer)
    // Each channel for itself.
    return { how: 'windows', window, inChannels: C, outChannels: C, groups: C, chosen: winners(x, window) }
  }
  if (layer instanceof Linear) return { how: 'all' }
  if (layer instanceof ReLU)
    return { how: 'each', passed: Uint8Array.from(x.data, (value) => Number(value > 0)) }
  if (layer instanceof Flatten) return { how: 'each', passed: null }
  throw new Error(`${layer.describe()}: how it reads its input is not known here`)
}
