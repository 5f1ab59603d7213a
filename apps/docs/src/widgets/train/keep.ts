const KEY = 'handgrad:paper'

function cameBack(): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return entry?.type === 'back_forward'
}

/** Keeps what is drawn for the time that one is on another page; tells when it was put back. Gives what ends that. */
export function keepPaper(paper: HTMLCanvasElement, told: () => void): () => void {
  const kept = sessionStorage.getItem(KEY)
  if (kept !== null && cameBack()) {
    const image = new Image()
    image.addEventListener('load', () => {
      paper.getContext('2d', { willReadFrequently: true })!.drawImage(image, 0, 0)
      told()
    })
    image.src = kept
  }
  const keep = (): void => sessionStorage.setItem(KEY, paper.toDataURL())
  addEventListener('pagehide', keep)
  return () => removeEventListener('pagehide', keep)
}
