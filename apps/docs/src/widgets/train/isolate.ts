const TRIED = 'handgrad-isolated'

/**
 * Where the host sends no headers that isolate the page, a service worker adds them and the page is loaded once more:
 * then it has threads. Without service workers it stays as it is, on one thread.
 */
export async function isolate(): Promise<void> {
  if (crossOriginIsolated || !('serviceWorker' in navigator) || sessionStorage.getItem(TRIED) !== null) return
  sessionStorage.setItem(TRIED, 'yes')
  await navigator.serviceWorker.register(`${import.meta.env.BASE_URL.replace(/\/$/, '')}/isolate.js`)
  await navigator.serviceWorker.ready
  location.reload()
}
