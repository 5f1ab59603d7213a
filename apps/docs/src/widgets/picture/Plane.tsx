import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Layout } from '../../picture/planes.ts'
import { paint } from '../Picture.tsx'

interface Props {
  plane: number
  layout: Layout
  /** All numbers of the stage; null as long as there are none. */
  data: Float32Array | null
  /** The size that has full colour. */
  full: number
  /** Borders of what is marked, as paths. */
  marks: { read: string; moves: string; own: string }
}

/** One plane of a stage, with what is marked in it. Its size is the page's, whatever is in it. */
export function Plane({ plane, layout, data, full, marks }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { height, width } = layout
  useEffect(() => {
    const size = height * width
    if (data === null) canvas.current!.getContext('2d')!.clearRect(0, 0, width, height)
    else
      paint(canvas.current!, { data: data.subarray(plane * size, (plane + 1) * size), height, width }, full)
  }, [data, plane, height, width, full])
  return (
    <div class="plane" data-plane={plane} style={{ aspectRatio: `${width} / ${height}` }}>
      <canvas ref={canvas} width={width} height={height} aria-hidden="true" />
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {Object.entries(marks).map(([kind, d]) => d !== '' && <path key={kind} class={kind} d={d} />)}
      </svg>
    </div>
  )
}
