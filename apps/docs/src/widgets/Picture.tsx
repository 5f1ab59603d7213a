import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export interface PictureProps {
  data: ArrayLike<number>
  height: number
  width: number
  /** What counts as full colour; the largest size among the data unless told. */
  scale?: number
  label: string
  /** Pixels of the screen for one of the picture. */
  zoom?: number
}

/** Positive numbers blue, negative ones orange, 0 as the page. */
const positive = [60, 140, 255] as const
const negative = [255, 120, 40] as const

/** Draws a matrix, one pixel a number; `full` is the size that has full colour. */
export function paint(
  canvas: HTMLCanvasElement,
  { data, height, width }: Pick<PictureProps, 'data' | 'height' | 'width'>,
  full: number,
): void {
  const context = canvas.getContext('2d')!
  const pixels = context.createImageData(width, height)
  for (let i = 0; i < width * height; i++) {
    const share = Math.min(1, Math.abs(data[i]) / full)
    const color = data[i] < 0 ? negative : positive
    pixels.data.set([...color, Math.round(255 * share)], 4 * i)
  }
  context.putImageData(pixels, 0, 0)
}

/** The largest size among some numbers; 1 where all are 0. */
export function largestSize(data: ArrayLike<number>): number {
  return Array.from(data).reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1
}

/** A matrix of numbers as a picture; `label` says what a screen reader says, the numbers themselves stand beside it. */
export function Picture({ data, height, width, scale, label, zoom = 3 }: PictureProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    paint(canvas.current!, { data, height, width }, scale ?? largestSize(data))
  }, [data, height, width, scale])
  return (
    <canvas
      ref={canvas}
      class="picture"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      style={{ width: `${width * zoom}px`, height: `${height * zoom}px` }}
    />
  )
}
