// Adds the two headers that isolate a page, and so give it threads, for hosts that cannot be told to send them.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

async function isolated(request) {
  const response = await fetch(request)
  if (response.status === 0) return response
  const headers = new Headers(response.headers)
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
  const { status, statusText } = response
  return new Response(response.body, { status, statusText, headers })
}

self.addEventListener('fetch', (event) => {
  const { cache, mode } = event.request
  if (cache === 'only-if-cached' && mode !== 'same-origin') return
  event.respondWith(isolated(event.request))
})
