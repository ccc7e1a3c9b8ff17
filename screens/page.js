// What the page does without a round trip: arriving at a new turn, focus, Escape, leaving, printing, offline.
const LIMIT = 40 // tries of 50 ms until what is looked for is on the page

function find(selector, then, tries = 0) {
  const found = selector && document.querySelector(selector)
  if (found) then(found)
  else if (selector && tries < LIMIT) setTimeout(() => find(selector, then, tries + 1), 50)
}

function arrive(place) {
  const scroller = document.querySelector('[data-testid="stMain"]')
  const head = document.querySelector(".st-key-ask-head")
  if (scroller && head) scroller.scrollTop += place.getBoundingClientRect().top - head.getBoundingClientRect().bottom - (place.matches("[class*=care-block]") ? 10 : 0)
}

function leave(to) {
  document.title = " "
  document.body.replaceChildren()
  location.replace(to)
}

function listen() {
  if (window.foreroomListens) return
  window.foreroomListens = true
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-does]")
    if (!link) return
    event.preventDefault()
    if (link.dataset.does === "leave") leave(link.href)
    if (link.dataset.does === "print") window.print()
    if (link.dataset.does === "skip") find("#ask-thread", (thread) => thread.focus())
  })
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelector(".st-key-ask_reader_close button")?.click()
  })
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(sameScheme, 300))
  const offline = () => document.body.classList.toggle("offline", !navigator.onLine)
  addEventListener("online", offline)
  addEventListener("offline", offline)
}

// Pop-ups hang outside the app's own element; they follow its light or dark all the same.
function sameScheme() {
  const app = document.querySelector(".stApp")
  if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme
}

export default function ({ data }) {
  listen()
  sameScheme()
  document.documentElement.lang = data.language
  if (window.foreroomMove === data.move) return
  window.foreroomMove = data.move
  if (data.scroll && !(data.narrow && innerWidth > 1100)) find(data.scroll, (place) => requestAnimationFrame(() => arrive(place)))
  if (data.announce) find("#ask-spoken", (spoken) => (spoken.textContent = data.announce))
  if (data.focus) find(data.focus, (place) => place.focus({ preventScroll: true }))
}
